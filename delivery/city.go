package delivery

import "time"

// fewHouseholds is the smallest number of households that a number for the city may be about.
const fewHouseholds = 5

// CityGroup is a group of orders that is counted for the city: a stage, or orders with or without a property.
type CityGroup string

// The groups beside the stages.
const (
	CityHeld          CityGroup = "held"
	CityMoving        CityGroup = "moving" // open and not held
	CityWithoutHolder CityGroup = "without holder"
	CityWithHolder    CityGroup = "with holder"
)

// CityGroups lists the groups: the open stages, DELIVERED for today's orders, and both sides of each property. The index of
// a group is its bit in CityPattern.Groups.
var CityGroups = func() (out []CityGroup) {
	for _, s := range Stages {
		if !s.Final() || s == Delivered {
			out = append(out, CityGroup(s))
		}
	}
	return append(out, CityHeld, CityMoving, CityWithoutHolder, CityWithHolder)
}()

// CityCount is the counts of one community, before suppression.
type CityCount struct {
	Community  *Community
	Households int // of its register
	Patterns   []CityPattern
}

// CityPattern is the number of households with orders in exactly the same groups, and their orders in each of CityGroups.
type CityPattern struct {
	Groups     int // a bit for each of CityGroups
	Households int
	Orders     []int64
}

// CityBoard is the numbers of many communities (街道与市级看板).
type CityBoard struct {
	At          time.Time // business time of the reading
	Communities []*CityCommunity
}

// CityCommunity is the numbers of one community, without any that is about fewer than five households.
type CityCommunity struct {
	Community      *Community
	Households     *CityNumber
	Open           *CityNumber
	Held           *CityNumber
	WithoutHolder  *CityNumber
	DeliveredToday *CityNumber
	Stages         []*CityCell
}

// CityNumber is a count, nil if it is suppressed.
type CityNumber struct{ Count *int }

// Suppressed reports whether the number is hidden because it is about too few households or would reveal a number that is.
func (n *CityNumber) Suppressed() bool { return n.Count == nil }

// CityCell is the number of orders at one stage.
type CityCell struct {
	Stage Stage
	CityNumber
}

// NewCityBoard returns the numbers that may be shown. No number is about fewer than five households, even none, and no such
// number can be found by subtracting others:
//
//   - The open orders are the sum of the stages. So the hidden stages must be about at least five households together, or
//     open minus the shown stages would reveal them. Until they are, the stage with the fewest households is hidden too. If
//     all stages together are about fewer, open itself is hidden by the first rule.
//   - The number of held orders is hidden unless the other open orders are about five households too, or open minus held
//     would reveal them. The same holds for orders without a holder.
//   - No other numbers add up: there is no sum over communities, delivered orders are in no other number, and households are
//     counted from the register.
//
// It does not prevent inferences from changes over time.
func NewCityBoard(at time.Time, counted []CityCount) *CityBoard {
	b := &CityBoard{At: at, Communities: []*CityCommunity{}}
	for i := range counted {
		b.Communities = append(b.Communities, counted[i].community())
	}
	return b
}

func (c *CityCount) community() *CityCommunity {
	out := &CityCommunity{Community: c.Community, Households: number(c.Households, c.Households >= fewHouseholds), Stages: []*CityCell{}}
	var stages []CityGroup
	open := 0
	for _, g := range CityGroups {
		if s := Stage(g); s.Valid() && !s.Final() {
			stages = append(stages, g)
			open += c.orders(g)
		}
	}
	hidden := c.hide(stages)
	for _, g := range stages {
		out.Stages = append(out.Stages, &CityCell{Stage(g), *number(c.orders(g), !hidden[g])})
	}
	out.Open = number(open, c.enough(stages...))
	out.Held = number(c.orders(CityHeld), c.enough(CityHeld) && c.enough(CityMoving))
	out.WithoutHolder = number(c.orders(CityWithoutHolder), c.enough(CityWithoutHolder) && c.enough(CityWithHolder))
	out.DeliveredToday = number(c.orders(CityGroup(Delivered)), c.enough(CityGroup(Delivered)))
	return out
}

// hide returns the stages to hide: those about too few households, and more, the smallest first, until the hidden ones are
// about enough households together.
func (c *CityCount) hide(stages []CityGroup) map[CityGroup]bool {
	hidden := map[CityGroup]bool{}
	var list []CityGroup
	for _, g := range stages {
		if !c.enough(g) {
			hidden[g] = true
			list = append(list, g)
		}
	}
	for len(list) > 0 && len(list) < len(stages) && !c.enough(list...) {
		var next CityGroup
		for _, g := range stages {
			if !hidden[g] && (next == "" || c.households(g) < c.households(next)) {
				next = g
			}
		}
		hidden[next] = true
		list = append(list, next)
	}
	return hidden
}

// enough reports whether the groups together are about enough households.
func (c *CityCount) enough(groups ...CityGroup) bool { return c.households(groups...) >= fewHouseholds }

// households counts those with orders in any of the groups, each once.
func (c *CityCount) households(groups ...CityGroup) (n int) {
	mask := 0
	for _, g := range groups {
		mask |= 1 << groupAt(g)
	}
	for _, s := range c.Patterns {
		if s.Groups&mask != 0 {
			n += s.Households
		}
	}
	return n
}

// orders counts those in the group.
func (c *CityCount) orders(g CityGroup) (n int) {
	for _, s := range c.Patterns {
		n += int(s.Orders[groupAt(g)])
	}
	return n
}

func groupAt(g CityGroup) int {
	for i, known := range CityGroups {
		if known == g {
			return i
		}
	}
	return -1
}

func number(n int, shown bool) *CityNumber {
	if !shown {
		return &CityNumber{}
	}
	return &CityNumber{&n}
}
