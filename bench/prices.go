package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	filling "baogong/db/crowd"
	"baogong/delivery"
)

// The size of the community in which prices are measured, and the least duration of a measurement.
const (
	crowdOrders = 300_000
	pointCost   = 10 // µs of CPU
	pricedFor   = 400 * time.Millisecond
	pricedMost  = 200 // requests
	mostAliases = 30
)

// priced is an operation whose price is compared with its measured cost.
type priced struct {
	actor string
	about string // describes unusual arguments
	field string // one root field; ID stands for the community's id
	most  bool   // repeat the field as often as one operation may
}

// bill is the price of an operation and its measured cost.
type bill struct {
	points int
	cost   float64 // µs
}

func ordersField(arguments, selected string) string {
	return "orders(communityId:ID," + arguments + "){" + selected + "}"
}

// prices measures the cost of every root field, with usual and with the worst arguments, and compares it with the price.
func prices(ctx context.Context, b *bench) ([]Figure, error) {
	orders := b.scaled(crowdOrders, 1_000)
	community, err := filling.Fill(ctx, b.db.Pool(), "crowd", filling.Size{Orders: orders})
	if err != nil {
		return nil, err
	}
	s, err := b.server(ctx, b.DSN, []string{"--cost", "1000000000", "--cost-burst", "1000000000"})
	if err != nil {
		return nil, err
	}
	c, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	id := delivery.ID{Kind: delivery.KindCommunity, Community: community}.String()
	answer, err := c.answer(s.request("C01@crowd", `{orders(communityId:"`+id+`",first:1,filter:{channels:[APP]}){nodes{id household{id address} supplier{id} building{id}}}}`, nil))
	if err != nil {
		return nil, err
	}
	var found struct {
		Data struct {
			Orders struct {
				Nodes []struct {
					ID                            string
					Household, Supplier, Building struct{ ID, Address string }
				}
			}
		}
	}
	if err := json.Unmarshal(answer, &found); err != nil || len(found.Data.Orders.Nodes) == 0 {
		return nil, fmt.Errorf("find an order: %.300s", answer)
	}
	one := found.Data.Orders.Nodes[0]
	sold, err := sell(c, s, id, one.Supplier.ID)
	if err != nil {
		return nil, err
	}
	work, err := b.employ(ctx, c, s, id)
	if err != nil {
		return nil, err
	}
	if err := b.settleCity(ctx, community); err != nil {
		return nil, err
	}
	if err := b.quiet(ctx, s); err != nil {
		return nil, err
	}
	end, err := b.db.FeedEnd(ctx, delivery.Scope{Class: delivery.SeesAll, Community: community}, community)
	if err != nil {
		return nil, err
	}
	end.Seq = 0
	tomorrow, err := b.planned(c, s, id)
	if err != nil {
		return nil, err
	}
	named := strings.NewReplacer("communityId:ID", `communityId:"`+id+`"`, "TOMORROW", tomorrow, "id:COMMUNITY", `id:"`+id+`"`, "ORDER", one.ID, "HOUSEHOLD", one.Household.ID, "SUPPLIER", one.Supplier.ID,
		"BUILDING", one.Building.ID, "WINDOW", sold.window, "NOTICE_ID", work.notice, "ERRANDS", `"`+strings.Join(work.errands, `","`)+`"`, "START", b.keys.FeedCursor(end))
	// The fixed cost of an operation, signing in included, is bounded by the limit on operations, so it is subtracted from the others.
	each, _, err := b.bill(ctx, s, c, "C01@crowd", "me{role}", 1)
	if err != nil {
		return nil, err
	}
	b.progress.expect(len(pricedFields) + 14)
	out := []Figure{figure("fixed cost of an operation, subtracted from the others", "µs CPU", Goal{}, []float64{each.cost}, "", nil)}
	rows, err := b.priceRows(ctx, s, c, pricedFields, named, "crowd", one.Household.Address, each.cost)
	if err != nil {
		return nil, err
	}
	texts, err := b.textPrices(ctx, s, c, sold, each.cost)
	if err != nil {
		return nil, err
	}
	changes, err := b.workPrices(ctx, s, c, work, each.cost)
	if err != nil {
		return nil, err
	}
	plans, err := b.planPrices(ctx, s, c, id, each.cost)
	return slices.Concat(out, rows, texts, changes, plans), err
}

// priceRows measures the cost of operations with root fields beside their prices. Actors are of the community with the code; "home" is its resident at the address.
func (b *bench) priceRows(ctx context.Context, s *server, c *client, fields []priced, named *strings.Replacer, code, home string, each float64) ([]Figure, error) {
	var out []Figure
	for _, p := range fields {
		p.field = named.Replace(p.field)
		if p.actor == "" {
			p.actor = "C01"
		}
		if p.actor == "home" {
			p.actor = home
		}
		actor := p.actor
		if actor != "city" && actor != "admin" {
			actor += "@" + code
		}
		name, _, _ := strings.Cut(p.field, "(")
		name, _, _ = strings.Cut(strings.TrimPrefix(name, "subscription{"), "{")
		count := 1
		if p.most {
			count = mostAliases
		}
		if b.Scale < 0.01 { // only to see that it runs
			count = min(count, 2)
		}
		var rounds []float64
		points := 0
		for range b.Rounds {
			got, n, err := b.bill(ctx, s, c, actor, p.field, count)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", name, p.about, err)
			}
			count, points = n, got.points
			rounds = append(rounds, max(got.cost-each, 0))
		}
		what := name
		if strings.HasPrefix(p.field, "subscription") {
			what = "subscription " + what
		}
		if count > 1 {
			what = fmt.Sprintf("%d × %s", count, what)
		}
		if p.about != "" {
			what += ", " + p.about
		}
		out = append(out, figure(what, "µs CPU", Goal{MaxRatio: 1}, rounds, fmt.Sprintf("%s points", grouped(int64(points))), []float64{float64(points * pointCost)}))
		b.progress.step()
	}
	return out, nil
}

// bill measures an operation with count equal fields, or with as many as are accepted.
func (b *bench) bill(ctx context.Context, s *server, c *client, actor, field string, count int) (bill, int, error) {
	if strings.HasPrefix(field, "subscription") {
		got, err := b.repeat(ctx, s, func() ([]byte, error) { return s.firstEvent(ctx, actor, field) })
		return got, 1, err
	}
	for ; count > 0; count = count * 2 / 3 {
		var text strings.Builder
		text.WriteString("{")
		for i := range count {
			fmt.Fprintf(&text, " a%d:%s", i, field)
		}
		request := s.request(actor, text.String()+"}", nil)
		answer, err := c.answer(request)
		if err != nil {
			return bill{}, 0, err
		}
		if bytes.Contains(answer, []byte("TOO_COSTLY")) {
			continue
		}
		got, err := b.repeat(ctx, s, func() ([]byte, error) { return c.answer(request) })
		return got, count, err
	}
	return bill{}, 0, fmt.Errorf("refused: %.200s", field)
}

// repeat sends an operation until the measurement is long enough, and returns its mean cost.
func (b *bench) repeat(ctx context.Context, s *server, ask func() ([]byte, error)) (out bill, err error) {
	warm, least := 2, 3
	if b.Scale < 0.01 { // only to see that it runs
		warm, least = 0, 1
	}
	for range warm { // fills the caches
		if _, err := ask(); err != nil {
			return out, err
		}
	}
	before, err := b.cpu(ctx, s)
	if err != nil {
		return out, err
	}
	began, n := time.Now(), 0
	for n < pricedMost && (n < least || time.Since(began).Seconds() < pricedFor.Seconds()*b.Scale) {
		answer, err := ask()
		if err != nil {
			return out, err
		}
		n++
		var priced struct {
			Errors     []json.RawMessage
			Extensions struct{ Cost struct{ Requested int } }
		}
		if err := json.Unmarshal(answer, &priced); err != nil || len(priced.Errors) > 0 {
			return out, fmt.Errorf("got %.300s", answer)
		}
		out.points = priced.Extensions.Cost.Requested
	}
	after, err := b.cpu(ctx, s)
	out.cost = micros(after-before) / float64(n)
	return out, err
}

// answer sends a request and returns the body of the answer.
func (c *client) answer(request []byte) ([]byte, error) {
	if err := c.conn.SetDeadline(time.Now().Add(2 * waitTime)); err != nil {
		return nil, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

// firstEvent subscribes over an event stream, returns the first answer and closes the stream.
func (s *server) firstEvent(ctx context.Context, actor, document string) ([]byte, error) {
	body, err := json.Marshal(map[string]any{"query": document})
	if err != nil {
		return nil, err
	}
	ctx, leave := context.WithTimeout(ctx, waitTime)
	defer leave()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.host()+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}, "Authorization": {"Bearer dev:" + actor}}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	for in := bufio.NewReaderSize(res.Body, 1<<20); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if data, ok := strings.CutPrefix(line, "data:"); ok && strings.Contains(data, "{") {
			return []byte(data), nil
		}
	}
}

// usualOrder is the usual selection of a list of orders.
const usualOrder = "totalCount nodes{id number stage address household{instructions} lines{item quantity unit}}"

// pricedFields are the root fields of queries and subscriptions. The measurements moves and bulk cover mutations, textPrices covers importOrders, and needs
// covers the needs analysis.
var pricedFields = []priced{
	{field: "me{role community{id name}}"},
	{field: "me{role}", most: true},
	{field: `node(id:"ORDER"){id ... on Order{number stage}}`},
	{field: `node(id:"ORDER"){id ... on Order{number stage history{kind at}}}`, about: "with its history"},
	{field: `nodes(ids:["ORDER","HOUSEHOLD","SUPPLIER","BUILDING"]){id}`},
	{field: `nodes(ids:["ORDER","HOUSEHOLD","SUPPLIER","BUILDING"]){id}`, most: true},
	{actor: "admin", field: "communities(first:50){totalCount nodes{id name}}"},
	{actor: "admin", field: "communities(first:200){totalCount nodes{id}}", most: true},
	{field: "community(id:COMMUNITY){id name}"},
	{field: "community(id:COMMUNITY){id}", most: true},
	{field: "buildings(communityId:ID,first:50){totalCount nodes{id code units{number}}}"},
	{field: "buildings(communityId:ID,last:1){totalCount}", most: true},
	{field: "households(communityId:ID,first:50){totalCount nodes{id address}}"},
	{field: "households(communityId:ID,last:1){totalCount totalCountExact}", most: true},
	{field: `households(communityId:ID,first:1,filter:{text:"zz0"}){totalCount}`, about: "text without a match", most: true},
	{field: "volunteers(communityId:ID,first:50){totalCount nodes{id code}}"},
	{field: "volunteers(communityId:ID,last:1){totalCount}", most: true},
	{field: "suppliers(communityId:ID,first:50){totalCount nodes{id name}}"},
	{field: "suppliers(communityId:ID,last:1){totalCount}", most: true},
	{field: `order(id:"ORDER"){number stage version lines{item quantity}}`},
	{field: `order(id:"ORDER"){number}`, most: true},
	{field: ordersField("first:20", usualOrder)},
	{field: ordersField("first:20,filter:{open:true}", usualOrder), about: "open"},
	{actor: "home", field: ordersField("first:20", usualOrder), about: "of a household"},
	{actor: "S1", field: ordersField("first:20,filter:{open:true},orderBy:{field:ROUND}", usualOrder), about: "a volunteer's round"},
	{actor: "P1", field: ordersField("first:20,filter:{stages:[PLACED]},orderBy:{field:STAGE_SINCE}", usualOrder), about: "a supplier's, by STAGE_SINCE"},
	{field: ordersField("first:1", "nodes{id}"), most: true},
	{field: ordersField("last:1", "totalCount"), about: "last page", most: true},
	{field: ordersField("first:1", "totalCount feedCursor"), most: true},
	{field: ordersField("first:1,orderBy:{field:STAGE_SINCE}", "nodes{id}"), about: "by STAGE_SINCE", most: true},
	{field: ordersField("first:1,orderBy:{field:ROUND}", "nodes{id}"), about: "by ROUND", most: true},
	{field: ordersField("last:1,orderBy:{field:ROUND,direction:ASC}", "totalCount"), about: "by ROUND, last page", most: true},
	{field: ordersField(`first:20,filter:{text:"E6-1-1203"}`, usualOrder), about: "text of a door"},
	{field: ordersField(`first:1,filter:{text:"zz0"},orderBy:{field:ROUND}`, "totalCount"), about: "text without a match, by ROUND", most: true},
	{field: ordersField(`first:1,filter:{text:"zz"}`, "totalCount"), about: "two characters without a match", most: true},
	{field: ordersField(`first:1,filter:{text:"mt-1"},orderBy:{field:ROUND}`, "totalCount"), about: "broad text, by ROUND", most: true},
	{field: ordersField(`first:1,filter:{channels:[BUY_FOR],supplierIds:["SUPPLIER"]}`, "nodes{id}"), about: "two disjoint sets", most: true},
	{field: ordersField(`first:1,filter:{channels:[BUY_FOR],supplierIds:["SUPPLIER"]}`, "totalCount"), about: "two disjoint sets, counted", most: true},
	{field: ordersField(`first:1,filter:{channels:[BUY_FOR],supplierIds:["SUPPLIER"]},orderBy:{field:ROUND}`, "nodes{id}"), about: "two disjoint sets, by ROUND", most: true},
	{field: ordersField(`first:1,filter:{stages:[CANCELLED],channels:[GROUP_BUY]},orderBy:{field:STAGE_SINCE}`, "totalCount"), about: "few of a stage, by STAGE_SINCE", most: true},
	{field: "board(communityId:ID){open held withoutHolder deliveredToday stages{stage count oldestSince}}"},
	{field: "board(communityId:ID){open buildings{open stages{count}}}", most: true},
	{field: "codes(communityId:ID,first:50){totalCount nodes{id purpose}}"},
	{field: "codes(communityId:ID,last:1,filter:{includeEnded:true}){totalCount}", most: true},
	{field: "rateLimit{limit cost remaining}", most: true},
	{actor: "city", field: "cityBoard{at communities{community{name} open{count} stages{stage}}}"},
	{actor: "city", field: "cityBoard{at}", most: true},
	{field: "revealCounts(communityId:ID){today volunteer{code}}"},
	{field: "revealCounts(communityId:ID){today}", most: true},
	{field: `dailyReport(communityId:ID,day:"2020-03-01"){day placed delivered medianMinutesGateToDoor}`},
	{field: `dailyReport(communityId:ID,day:"2020-03-01"){day}`, most: true},
	{field: "rehearse(scenario:{communityId:ID,orders:1230}){chanceAllBy advice}"},
	{field: "compareRehearsals(first:{communityId:ID,orders:1230,compare:false},second:{communityId:ID,orders:1230,carts:6}){savesMinutes sentence}"},
	{field: "rehearse(scenario:{communityId:ID,orders:1230,replications:1000,compare:false}){chanceAllBy}", about: "1,000 replications"},
	{field: "scenarios(communityId:ID){name values{orders}}"},
	{field: "scenarios(communityId:ID){id}", most: true},
	{field: `planAgainstActual(communityId:ID,day:"TOMORROW"){planned low high actual behindMinutes band{at low median high} wrongTimes{step}}`},
	{field: `planAgainstActual(communityId:ID,day:"TOMORROW"){actual}`, most: true},
	{field: "exports(communityId:ID){noun rowCount by{role}}"},
	{field: "exports(communityId:ID){noun}", most: true},
	{field: `packages(supplierId:"SUPPLIER"){id code name priceFen}`},
	{field: `packages(supplierId:"SUPPLIER"){id}`, most: true},
	{field: `orderWindows(communityId:ID,open:true){id name state orders offers{package{name} stock sold left leftForPhone}}`},
	{field: `orderWindows(communityId:ID,open:true){id}`, most: true},
	{field: "imports(communityId:ID,first:50){totalCount nodes{id name placed inReview}}"},
	{field: "imports(communityId:ID,last:1){totalCount}", most: true},
	{field: "importRows(communityId:ID,first:50,outcomes:[REVIEW]){totalCount nodes{row text reason guesses{address} goods{item quantity unit}}}"},
	{field: "importRows(communityId:ID,last:1){totalCount}", most: true},
	{field: "enquiries(communityId:ID,first:50){totalCount nodes{number kind state text answer household{address} takenBy{code}}}"},
	{field: "enquiries(communityId:ID,last:1){totalCount}", most: true},
	{field: `unheard(communityId:ID,since:"2020-05-20T00:00:00Z",first:50){totalCount nodes{address phone}}`},
	{field: `unheard(communityId:ID,since:"2020-01-01T00:00:00Z",first:1){totalCount}`, about: "since the beginning", most: true},
	{field: "tasks(communityId:ID,first:50){totalCount nodes{number kind title state household{address} assignee{code}}}"},
	{field: "tasks(communityId:ID,last:1){totalCount}", most: true},
	{field: "shifts(communityId:ID){id squad station startsAt endsAt needed members{state volunteer{code}}}"},
	{field: "shifts(communityId:ID){id}", most: true},
	{field: "suggestAssignments(communityId:ID){volunteer{code} why services{buildingId duty}}"},
	{field: "suggestAssignments(communityId:ID){why}", most: true},
	{field: "notices(communityId:ID,first:50){totalCount nodes{number title body reach{audience seen told unreached}}}"},
	{field: "notices(communityId:ID,last:1,inForce:true){totalCount}", most: true},
	{field: `households(communityId:ID,first:50,filter:{unreachedBy:"NOTICE_ID"}){totalCount nodes{address}}`, about: "unreached by a notice"},
	{field: "ordersWithMoneyOwed(communityId:ID,first:20){totalCount nodes{number address purse{spentFen householdOwesFen volunteerAdvancedFen entries{kind amountFen}}}}"},
	{field: "ordersWithMoneyOwed(communityId:ID,last:1){totalCount}", most: true},
	{field: "shoppingList(communityId:ID,orderIds:[ERRANDS]){item unit quantity for{order{number}}}", about: "of 200 orders"},
	{actor: "S1", field: "shoppingList(communityId:ID){item}", most: true},
	{field: "webhooks(communityId:ID){name url acked parked waiting}"},
	{field: "webhooks(communityId:ID){name}", most: true},
	{field: `subscription{order(id:"ORDER"){number stage}}`},
	{field: "subscription{tasks(communityId:ID,squad:PERSUASION){number kind title state dueAt household{address}}}"},
	{field: "subscription{callQueue(communityId:ID){waiting due urgent taken desks enquiries{number kind state dueAt household{address}}}}"},
	{field: "subscription{notices(communityId:ID){number title effectiveAt reach{audience seen told unreached}}}"},
	{field: `subscription{window(id:"WINDOW"){state orders offers{sold left leftForPhone}}}`},
	{field: "subscription{board(communityId:ID){open stages{stage count}}}"},
	{field: `subscription{orderEvents(communityId:ID,after:"START"){cursor kind order{number stage}}}`, about: "from the feed's start"},
}
