package rehearsal

import (
	"cmp"
	"slices"
	"strconv"
)

// Site is the estate that orders are delivered to.
type Site struct {
	Buildings []Block
}

// Block is a building with its units.
type Block struct {
	Name  string
	Units []Staircase
}

// Staircase is a unit of a building (单元).
type Staircase struct {
	Households int
	Floors     int
	Lift       bool
}

// Uniform returns an estate of equal units, with the buildings E1, E2 …. If the units do not divide evenly, the first buildings have one more.
func Uniform(buildings, units int, unit Staircase) Site {
	e := Site{Buildings: make([]Block, buildings)}
	for b := range e.Buildings {
		e.Buildings[b].Name = "E" + strconv.Itoa(b+1)
	}
	for u := range units {
		b := &e.Buildings[u%buildings]
		b.Units = append(b.Units, unit)
	}
	return e
}

// Households returns how many households the estate has.
func (e *Site) Households() int {
	n := 0
	for i := range e.Buildings {
		n += e.Buildings[i].households()
	}
	return n
}

func (b *Block) households() int {
	n := 0
	for _, u := range b.Units {
		n += u.Households
	}
	return n
}

// unitsOf returns the building of each unit, and the units of each building. Units are numbered through the buildings.
func (e *Site) unitsOf() (building []int32, units [][]int32) {
	units = make([][]int32, len(e.Buildings))
	for b := range e.Buildings {
		for range e.Buildings[b].Units {
			units[b] = append(units[b], int32(len(building)))
			building = append(building, int32(b))
		}
	}
	return building, units
}

// flat returns all units.
func (e *Site) flat() []Staircase {
	var out []Staircase
	for _, b := range e.Buildings {
		out = append(out, b.Units...)
	}
	return out
}

// inhabited returns how many buildings have households.
func (e *Site) inhabited() int {
	n := 0
	for b := range e.Buildings {
		if e.Buildings[b].households() > 0 {
			n++
		}
	}
	return n
}

// apportion divides hands among the buildings by their households: each gets its whole part, and the
// hands that are left go to buildings that have none, then by the largest remainders.
func (e *Site) apportion(hands int, into []int32) []int32 {
	households := e.Households()
	type rest struct{ building, remainder int }
	rests := make([]rest, len(e.Buildings))
	left := hands
	for b := range e.Buildings {
		part := hands * e.Buildings[b].households()
		into[b] = 0
		if households > 0 {
			into[b] = int32(part / households)
			left -= int(into[b])
			rests[b] = rest{b, part % households}
		}
		if into[b] == 0 {
			rests[b].remainder += households
		}
	}
	slices.SortStableFunc(rests, func(x, y rest) int { return cmp.Compare(y.remainder, x.remainder) })
	for _, r := range rests {
		if left <= 0 {
			break
		}
		if e.Buildings[r.building].households() > 0 {
			into[r.building]++
			left--
		}
	}
	return into
}
