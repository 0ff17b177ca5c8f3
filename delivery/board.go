package delivery

import "time"

// Board is the numbers of a community's orders by stage and building, counting the orders that one View may see (看板).
type Board struct {
	CommunityID    int32
	At             time.Time // business time of the reading
	Position       Position  // of the feed, read in the same statement
	Stages         []*BoardCell
	Buildings      []*BoardBuilding
	DeliveredToday int
	Open           int
	Held           int
	WithoutHolder  int
	Late           int
	Incidents      int    // that are not resolved
	Uncovered      []UUID // buildings with an open incident UNCOVERED, in the order of Buildings
}

// BoardBuilding is one building of the board.
type BoardBuilding struct {
	CommunityID    int32
	BuildingUUID   UUID
	Stages         []*BoardCell
	DeliveredToday int
	Open           int
	Held           int
	WithoutHolder  int
	Late           int
}

// BoardCell is the number of orders at one stage.
type BoardCell struct {
	Stage         Stage      `db:"stage"`
	Count         int        `db:"count"`
	OldestSince   *time.Time `db:"oldest_since"`
	Held          int        `db:"held"`
	WithoutHolder int        `db:"without_holder"`
	Late          int        `db:"late"`
}

// BoardCount is one building's cell as it is read. A cell at DELIVERED counts today's orders. The zero Stage means a
// building without orders.
type BoardCount struct {
	BuildingUUID UUID `db:"building_id"`
	Uncovered    bool `db:"uncovered"`
	BoardCell
}

// NewBoard adds up the counts. They must be grouped by building, in the order in which the board shows the buildings.
func NewBoard(at time.Time, p Position, counts []BoardCount) *Board {
	b := &Board{CommunityID: p.Community, At: at, Position: p, Stages: []*BoardCell{}, Buildings: []*BoardBuilding{}}
	cells := map[Stage]*BoardCell{}
	for _, stage := range Stages {
		if !stage.Final() {
			cells[stage] = &BoardCell{Stage: stage}
			b.Stages = append(b.Stages, cells[stage])
		}
	}
	var last *BoardBuilding
	for _, c := range counts {
		if last == nil || last.BuildingUUID != c.BuildingUUID {
			last = &BoardBuilding{CommunityID: p.Community, BuildingUUID: c.BuildingUUID, Stages: []*BoardCell{}}
			b.Buildings = append(b.Buildings, last)
			if c.Uncovered {
				b.Uncovered = append(b.Uncovered, c.BuildingUUID)
			}
		}
		switch {
		case c.Stage == Delivered:
			last.DeliveredToday += c.Count
			b.DeliveredToday += c.Count
		case cells[c.Stage] != nil:
			last.add(c.BoardCell)
			cells[c.Stage].add(c.BoardCell)
		}
	}
	for _, cell := range b.Stages {
		b.Open += cell.Count
		b.Held += cell.Held
		b.WithoutHolder += cell.WithoutHolder
		b.Late += cell.Late
	}
	for _, building := range b.Buildings {
		building.sort()
	}
	return b
}

func (b *BoardBuilding) add(c BoardCell) {
	b.Stages = append(b.Stages, &c)
	b.Open += c.Count
	b.Held += c.Held
	b.WithoutHolder += c.WithoutHolder
	b.Late += c.Late
}

// sort puts the cells in the order of the chain.
func (b *BoardBuilding) sort() {
	sorted := make([]*BoardCell, 0, len(b.Stages))
	for _, stage := range Stages {
		for _, c := range b.Stages {
			if c.Stage == stage {
				sorted = append(sorted, c)
			}
		}
	}
	b.Stages = sorted
}

func (c *BoardCell) add(o BoardCell) {
	c.Count += o.Count
	c.Held += o.Held
	c.WithoutHolder += o.WithoutHolder
	c.Late += o.Late
	if c.OldestSince == nil || (o.OldestSince != nil && o.OldestSince.Before(*c.OldestSince)) {
		c.OldestSince = o.OldestSince
	}
}
