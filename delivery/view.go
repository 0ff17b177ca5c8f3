package delivery

import (
	"fmt"
	"slices"
	"strings"
)

// View is the comparable part of a Scope that live results may depend on. Two viewers with the same View get the same bytes
// for the same event or board.
type View struct {
	Class     Class
	Community int32
	Keys      string
	Squad     Squad
	Level     EscalationLevel // of alerts only
}

// View returns the scope's View.
func (s Scope) View() View {
	keys := string(s.UUID)
	if len(s.Buildings) > 0 {
		sorted := make([]string, len(s.Buildings))
		for i, b := range s.Buildings {
			sorted[i] = string(b)
		}
		slices.Sort(sorted)
		keys = strings.Join(slices.Compact(sorted), ",")
	}
	if s.Class == SeesNumbers {
		sorted := slices.Compact(slices.Sorted(slices.Values(s.Communities)))
		keys = fmt.Sprint(sorted)
	}
	return View{Class: s.Class, Community: s.Community, Keys: keys, Squad: s.Squad, Level: s.Level}
}

// Sight is how much of a row in its scope a View shows. The zero Sight shows an order's stage and times, its building, the
// reasons of its holds, and the roles of actors.
type Sight struct {
	Whole bool // all fields of a row, and the rows that it names: goods, doors, people
	Team  bool // the team's own data: its notes, and the organisations that seconded its members
	Own   Role // of the viewers, where all of them are one household or supplier, who see what they wrote to the team

	Arrivals bool // those in its scope: all of them for the whole community, and a supplier's own
}

var sights = map[Class]Sight{
	SeesAll:       {Whole: true, Team: true, Arrivals: true},
	SeesBuildings: {Whole: true, Team: true},
	SeesHousehold: {Whole: true, Own: RoleResident},
	SeesSupplier:  {Whole: true, Own: RoleSupplier, Arrivals: true},
}

// Sight returns the View's Sight, the zero Sight for a class that is not listed.
func (v View) Sight() Sight { return sights[v.Class] }

// Sight returns the Sight of the scope's View.
func (s Scope) Sight() Sight { return sights[s.Class] }

// Finds reports whether nouns of the kind may be read by id: all kinds, or only the order and its community.
func (s Sight) Finds(k Kind) bool { return s.Whole || k == KindOrder || k == KindCommunity }

// Doer returns the id of an actor, nil if only the role is shown.
func (s Sight) Doer(by *Ref) *ID {
	if !s.Whole {
		return nil
	}
	return by.ID()
}

// Door returns the order's address if it is shown, else the building's code.
func (s Sight) Door(o *Order) string {
	if s.Whole {
		return o.Address
	}
	building, _, _ := strings.Cut(o.Address, "-")
	return building
}
