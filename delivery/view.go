package delivery

import (
	"fmt"
	"slices"
	"strings"
)

// View is the comparable part of a Scope that live results may depend on: two people with the same View
// get the same bytes for the same event or board.
type View struct {
	Class     Class
	Community int32
	Keys      string
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
	return View{Class: s.Class, Community: s.Community, Keys: keys}
}

// Sight is how much a View shows of what its scope lets through. The zero Sight shows an order's stage and times, the
// building it goes to, why it is held, and of whoever did something the role.
type Sight struct {
	Whole bool // all that is in a row, and what it names: goods, doors, people
	Team  bool // what the team keeps to itself: what it wrote, and who seconded its members
}

var sights = map[Class]Sight{
	SeesAll:       {Whole: true, Team: true},
	SeesBuildings: {Whole: true, Team: true},
	SeesHousehold: {Whole: true},
	SeesSupplier:  {Whole: true},
}

// Sight is what is shown to all with the View; the zero Sight to a class that is not listed.
func (v View) Sight() Sight { return sights[v.Class] }

// Sight is that of the scope's View.
func (s Scope) Sight() Sight { return sights[s.Class] }

// Finds reports whether nouns of the kind may be asked for by their ids: all, or the order and its community.
func (s Sight) Finds(k Kind) bool { return s.Whole || k == KindOrder || k == KindCommunity }

// Doer is the id of who did something, nil where only the role is shown.
func (s Sight) Doer(by *Ref) *ID {
	if !s.Whole {
		return nil
	}
	return by.ID()
}

// Door is where the order goes: the address, else the building's code.
func (s Sight) Door(o *Order) string {
	if s.Whole {
		return o.Address
	}
	building, _, _ := strings.Cut(o.Address, "-")
	return building
}
