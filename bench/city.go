package bench

import (
	"context"
	"fmt"
	"time"
)

// A city's peak, as docs/scaling.md has it.
const (
	cityEstates   = 160
	cityResidents = 10_000
	cityTeam      = 9 // volunteers of an estate, each with a building
	cityBoards    = 50
	cityRate      = 170 // moves a second
	cityPeak      = 10  // times that, when trucks are checked in
	checkedIn     = 50  // orders of one call then
	cityCalm      = 20 * time.Second
	cityBurst     = 10 * time.Second
)

// follow is a subscription to all that its actor may see.
const (
	follow     = `subscription ($community: ID!) { orderEvents(communityId: $community) { cursor kind at from order { orderId number stage version } } }`
	watchBoard = `subscription ($community: ID!) { board(communityId: $community) { feedCursor open held withoutHolder deliveredToday stages { stage count oldestSince } } }`
)

// city measures a city's peak: what every socket sees of what it may, and how late.
func city(ctx context.Context, b *bench) ([]Figure, error) {
	estates := b.scaled(cityEstates, 2)
	homes := b.scaled(cityResidents, 20) / estates
	var plans []plan
	for i := range estates {
		plans = append(plans, plan{code: fmt.Sprintf("city-%d", i), buildings: cityTeam, households: homes, orders: homes})
	}
	all, err := b.estates(ctx, plans...)
	if err != nil {
		return nil, err
	}
	s, err := b.product(ctx)
	if err != nil {
		return nil, err
	}
	var peers, boards []peer
	var singles, trucks []*route
	for i, e := range all {
		in := variables(map[string]any{"community": e.id})
		for _, h := range e.homes {
			peers = append(peers, peer{Actor: h.Address + "@" + e.code, Variables: in, Sockets: 1})
		}
		for n := range cityTeam {
			peers = append(peers, peer{Actor: fmt.Sprintf("S%d@%s", n+1, e.code), Variables: in, Sockets: 1})
		}
		if i < b.scaled(cityBoards, 1) {
			boards = append(boards, peer{Actor: "C01@" + e.code, Query: watchBoard, Variables: in, Sockets: 1})
		}
		// Half of the orders move one by one, half by the truck.
		half := len(e.orders) / 2
		for _, o := range e.orders[:half] {
			singles = append(singles, &route{hand: hand{e, []*parcel{o}}})
		}
		for _, h := range handsOf(e, e.orders[half:], checkedIn) {
			trucks = append(trucks, &route{hand: h})
		}
	}
	sockets := len(peers) + len(boards)
	if err := s.open(ctx, b, ask{Query: follow, Follow: true, Instant: true, Peers: append(peers, boards...)}); err != nil {
		return nil, err
	}
	d := b.mover()
	err = s.warm(ctx, func() error {
		return b.everywhere(ctx, all, func(e *scene) error { return e.move(ctx, d, e.orders...) })
	})
	if err != nil {
		return nil, err
	}
	if _, err := s.quiet(ctx); err != nil {
		return nil, err
	}
	if _, err := s.arrived(ctx); err != nil {
		return nil, err
	}

	perCall := 0.0
	for _, r := range trucks {
		perCall += float64(len(r.orders)) / float64(len(trucks))
	}
	phases := []struct {
		name    string
		routes  []*route
		rate    float64 // moves a second
		calls   float64 // a second
		lasting time.Duration
		heard   heard
	}{
		{"calm", singles, cityRate, cityRate, b.lasting(cityCalm), heard{}},
		{"burst", trucks, cityRate * cityPeak, cityRate * cityPeak / perCall, b.lasting(cityBurst), heard{}},
		{"calm again", singles, cityRate, cityRate, b.lasting(cityCalm), heard{}},
	}
	rate := b.Scale // of moves, which a smaller city has fewer of
	b.progress.expect(len(phases))
	lost, twice, moves := 0, 0, 0
	for i := range phases {
		p := &phases[i]
		moved := &commits{at: map[orderVersion]time.Time{}}
		if err := b.march(ctx, p.routes, max(p.calls*rate, 1), p.lasting, moved); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		if p.heard, err = s.hear(ctx, moved, 2); err != nil { // the household's socket, and its volunteer's
			return nil, err
		}
		lost, twice, moves = lost+p.heard.lost, twice+p.heard.twice, moves+len(moved.at)
		b.progress.step()
	}
	tallies, err := s.each(ctx, func(_ int, c *child) (answer, error) { return c.ask(ctx, ask{Do: "tallies"}) })
	if err != nil {
		return nil, err
	}
	for _, a := range tallies {
		for _, t := range a.Tallies {
			lost, twice = lost+int(t.Lost), twice+int(t.Twice)
		}
	}
	what := fmt.Sprintf("a city's peak: %d estates, %s sockets, %s moves", estates, grouped(int64(sockets)), grouped(int64(moves)))
	figures := []Figure{
		figure(what+": lost", "", Goal{Zero: true}, []float64{float64(lost)}, "", nil),
		figure("… came twice", "", Goal{Zero: true}, []float64{float64(twice)}, "", nil),
	}
	if lost+twice > 0 {
		return figures, nil // how late the rest came says nothing
	}
	for _, p := range phases {
		goal := Goal{}
		if p.name == "burst" {
			goal.Max = 250
		}
		figures = append(figures,
			figure(fmt.Sprintf("… %s, %.0f moves/s: p50", p.name, p.rate*rate), "ms", Goal{}, []float64{percentile(p.heard.ms, 50)}, "", nil),
			figure("… p99", "ms", goal, []float64{percentile(p.heard.ms, 99)}, "", nil))
	}
	return figures, nil
}
