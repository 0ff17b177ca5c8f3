package delivery

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"time"
)

// CityFamily is a family of numbers that are read and released together, since one can be found from the others.
type CityFamily string

// The families of numbers.
const (
	CityFamilyOpen      CityFamily = "OPEN"
	CityFamilyHeld      CityFamily = "HELD"
	CityFamilyHolder    CityFamily = "HOLDER"
	CityFamilyLate      CityFamily = "LATE"
	CityFamilyDelivered CityFamily = "DELIVERED"
	CityFamilyIncidents CityFamily = "INCIDENTS"
	CityFamilyRegister  CityFamily = "REGISTER"
)

// cityFamily is what a family counts and shows. The groups include both sides of each property, because the side that is not shown is the difference
// of two shown numbers.
type cityFamily struct {
	name    CityFamily
	groups  []CityGroup
	figures []CityFigure
}

var cityFamilies = []cityFamily{
	{CityFamilyOpen, openStages(), append(figuresOf(openStages()...), FigureOpen)},
	{CityFamilyHeld, []CityGroup{CityHeld, CityMoving}, figuresOf(CityHeld)},
	{CityFamilyHolder, []CityGroup{CityWithoutHolder, CityWithHolder}, figuresOf(CityWithoutHolder)},
	{CityFamilyLate, []CityGroup{CityLate, CityOnTime}, []CityFigure{FigureLate}},
	{CityFamilyDelivered, []CityGroup{CityGroup(Delivered)}, append(figuresOf(CityGroup(Delivered)), FigureGateToDoor, FigurePace)},
	{CityFamilyIncidents, []CityGroup{CityTroubled}, figuresOf(CityTroubled)},
	{CityFamilyRegister, []CityGroup{CityRegistered}, figuresOf(CityRegistered)},
}

// CityFamilies lists the families.
var CityFamilies = func() (out []CityFamily) {
	for _, f := range cityFamilies {
		out = append(out, f.name)
	}
	return out
}()

func figuresOf(groups ...CityGroup) (out []CityFigure) {
	for _, g := range groups {
		out = append(out, CityFigure(g))
	}
	return out
}

// CityRelease is what the city may see of one family of numbers, from the last reading whose changes concerned enough households.
type CityRelease struct {
	Family  CityFamily
	At      time.Time          // of the reading, business time
	Figures map[CityFigure]int // without suppressed ones
	Homes   []CityHome         // with a share in the family, by id; the counts are those of its groups. Nil if they are those of the release before
}

// Release returns what a reading releases after earlier releases of the community, one for each family. Numbers of two readings can be
// subtracted, so a family is released only if, in each of its groups, the shares of no household or of at least five have
// changed since its last release. Otherwise the city still sees the last release.
func (c *CityCount) Release(at time.Time, last []*CityRelease) (out []*CityRelease) {
	shown := c.figures()
	for _, f := range cityFamilies {
		r := &CityRelease{Family: f.name, At: at, Figures: map[CityFigure]int{}, Homes: c.shares(f.groups)}
		for _, figure := range f.figures {
			if n, ok := shown[figure]; ok {
				r.Figures[figure] = n
			}
		}
		i := slices.IndexFunc(last, func(l *CityRelease) bool { return l.Family == f.name })
		if i >= 0 {
			changed := changedShares(len(f.groups), last[i].Homes, r.Homes)
			if slices.ContainsFunc(changed, func(n int) bool { return n > 0 && n < fewHouseholds }) {
				continue
			}
			if slices.Max(changed) == 0 {
				r.Homes = nil
			}
		}
		out = append(out, r)
	}
	return out
}

// shares returns the households with a share in any of the groups, by id.
func (c *CityCount) shares(groups []CityGroup) []CityHome {
	at := make([]int, len(groups))
	for i, g := range groups {
		at[i] = groupAt(g)
	}
	out, counts := []CityHome{}, []int(nil)
	for _, h := range c.Homes {
		if !slices.ContainsFunc(at, func(g int) bool { return h.Counts[g] > 0 }) {
			continue
		}
		for _, g := range at {
			counts = append(counts, h.Counts[g])
		}
		out = append(out, CityHome{Household: h.Household})
	}
	for i := range out {
		out[i].Counts = counts[i*len(at) : (i+1)*len(at)]
	}
	slices.SortFunc(out, func(a, b CityHome) int { return cmp.Compare(a.Household, b.Household) })
	return out
}

// changedShares counts, for each of n groups, the households whose share differs. Both lists are by id.
func changedShares(n int, before, after []CityHome) []int {
	changed := make([]int, n)
	none := make([]int, n)
	for len(before)+len(after) > 0 {
		was, is := none, none
		var first int
		switch {
		case len(before) == 0:
			first = 1
		case len(after) == 0:
			first = -1
		default:
			first = cmp.Compare(before[0].Household, after[0].Household)
		}
		if first <= 0 {
			was, before = before[0].Counts, before[1:]
		}
		if first >= 0 {
			is, after = after[0].Counts, after[1:]
		}
		for g := range n {
			if was[g] != is[g] {
				changed[g]++
			}
		}
	}
	return changed
}

// NewCityCommunity returns the numbers of a community as its releases show them.
func NewCityCommunity(c *Community, releases []*CityRelease) *CityCommunity {
	figure := func(f CityFigure) *CityNumber {
		n := &CityNumber{}
		for _, family := range cityFamilies {
			if !slices.Contains(family.figures, f) {
				continue
			}
			for _, r := range releases {
				if r.Family != family.name {
					continue
				}
				n.ReadAt = &r.At
				if count, ok := r.Figures[f]; ok {
					n.Count = &count
				}
			}
		}
		return n
	}
	out := &CityCommunity{
		Community: c, Stored: len(releases) > 0, Households: figure(CityFigure(CityRegistered)), Open: figure(FigureOpen), Held: figure(CityFigure(CityHeld)),
		WithoutHolder: figure(CityFigure(CityWithoutHolder)), DeliveredToday: figure(CityFigure(Delivered)), LatePercent: figure(FigureLate),
		MedianMinutesGateToDoor: figure(FigureGateToDoor), OpenIncidents: figure(CityFigure(CityTroubled)), OrdersPer100PersonHours: figure(FigurePace),
		Stages: []*CityCell{},
	}
	for _, g := range openStages() {
		out.Stages = append(out.Stages, &CityCell{Stage(g), *figure(CityFigure(g))})
	}
	return out
}

// EncodeCityHomes writes households as they are stored: 16 bytes of the id, then each count as an unsigned varint.
func EncodeCityHomes(homes []CityHome) ([]byte, error) {
	out := make([]byte, 0, 20*len(homes))
	for _, h := range homes {
		id, err := h.Household.bytes()
		if err != nil {
			return nil, err
		}
		out = append(out, id[:]...)
		for _, n := range h.Counts {
			out = binary.AppendUvarint(out, uint64(n))
		}
	}
	return out, nil
}

// DecodeCityHomes reads what EncodeCityHomes wrote of a family.
func DecodeCityHomes(family CityFamily, b []byte) ([]CityHome, error) {
	i := slices.IndexFunc(cityFamilies, func(f cityFamily) bool { return f.name == family })
	if i < 0 {
		return nil, fmt.Errorf("no family %q of numbers", family)
	}
	homes := []CityHome{}
	for len(b) > 0 {
		if len(b) < 16 {
			return nil, io.ErrUnexpectedEOF
		}
		h := CityHome{Household: uuidOf([16]byte(b))}
		b = b[16:]
		for range cityFamilies[i].groups {
			n, size := binary.Uvarint(b)
			if size <= 0 {
				return nil, io.ErrUnexpectedEOF
			}
			h.Counts, b = append(h.Counts, int(n)), b[size:]
		}
		homes = append(homes, h)
	}
	return homes, nil
}
