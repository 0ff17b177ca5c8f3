package delivery

// SortingProgress is how far the sorting of a community is, building by building, counting the orders that one View may see.
type SortingProgress struct {
	CommunityID int32
	SortingCount
	Buildings []*SortingBuilding
}

// SortingBuilding is one building of the progress.
type SortingBuilding struct {
	CommunityID  int32 `db:"community_id"`
	BuildingUUID UUID  `db:"building_id"`
	SortingCount
}

// SortingCount is how many orders are where, and how many bags are missing.
type SortingCount struct {
	Expected int `db:"expected"`
	AtGate   int `db:"at_gate"`
	Sorted   int `db:"sorted"`
	Settling int `db:"settling"`
	Missing  int `db:"missing"` // bags
}

// NewSortingProgress adds up the buildings.
func NewSortingProgress(community int32, buildings []*SortingBuilding) *SortingProgress {
	p := &SortingProgress{CommunityID: community, Buildings: buildings}
	for _, b := range buildings {
		p.Expected += b.Expected
		p.AtGate += b.AtGate
		p.Sorted += b.Sorted
		p.Settling += b.Settling
		p.Missing += b.Missing
	}
	return p
}

// MaxManifest is how many orders a manifest lists.
const MaxManifest = 2000

// SortingManifest is the orders to sort, by building, unit, floor from the top and room (分拣单).
type SortingManifest struct {
	Buildings []*ManifestBuilding
	Cut       bool // there are more than MaxManifest
}

// ManifestBuilding is one building of a manifest.
type ManifestBuilding struct {
	CommunityID  int32
	BuildingUUID UUID
	Expected     int
	AtGate       int
	Sorted       int
	Bags         int
	Orders       []*Order
}

// NewSortingManifest groups the orders, which are in the manifest's order, by building. It lists the first MaxManifest.
func NewSortingManifest(orders []*Order) *SortingManifest {
	m := &SortingManifest{Buildings: []*ManifestBuilding{}, Cut: len(orders) > MaxManifest}
	var last *ManifestBuilding
	for _, o := range orders[:min(len(orders), MaxManifest)] {
		if last == nil || last.BuildingUUID != o.BuildingUUID {
			last = &ManifestBuilding{CommunityID: o.CommunityID, BuildingUUID: o.BuildingUUID}
			m.Buildings = append(m.Buildings, last)
		}
		last.Orders = append(last.Orders, o)
		last.Bags += o.Bags()
		switch o.Stage {
		case AtGate:
			last.AtGate++
		case Sorted:
			last.Sorted++
		default:
			last.Expected++
		}
	}
	return m
}
