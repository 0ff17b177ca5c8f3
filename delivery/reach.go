package delivery

// ReachDays is for how many days a contact makes a household count as reached.
const ReachDays = 7

// ReachCount is how many households of a building the community has reached lately.
type ReachCount struct {
	BuildingUUID UUID `db:"building_id"`
	Households   int  `db:"households"`
	Ordered      int  `db:"ordered"`
	Answered     int  `db:"answered"`
	Told         int  `db:"told"`
	Unreached    int  `db:"unreached"` // none of these
	ElderlyAlone int  `db:"elderly_alone"`
	NoSmartphone int  `db:"no_smartphone"`
}

// CommunityReach is how many households a community has reached in the last ReachDays, and the others by building (触达).
type CommunityReach struct {
	Households int
	Ordered    int // have ordered
	Answered   int // had a call that was answered, or that ended in an order
	Told       int // have seen a notice of these days, or were told it
	Unreached  int
	Buildings  []*BuildingReach // with households, by code
}

// BuildingReach is the households of one building that were not reached.
type BuildingReach struct {
	CommunityID  int32
	BuildingUUID UUID
	Households   int // all of the building
	Unreached    int
	ElderlyAlone *int // of the unreached; nil for actors who do not see needs
	NoSmartphone *int // likewise
}

// NewReach sums up the counts of buildings for an actor.
func NewReach(a Actor, community int32, counts []*ReachCount) *CommunityReach {
	out := &CommunityReach{Buildings: []*BuildingReach{}}
	for _, c := range counts {
		out.Households += c.Households
		out.Ordered += c.Ordered
		out.Answered += c.Answered
		out.Told += c.Told
		out.Unreached += c.Unreached
		b := &BuildingReach{CommunityID: community, BuildingUUID: c.BuildingUUID, Households: c.Households, Unreached: c.Unreached}
		if a.SeesNeeds() {
			b.ElderlyAlone, b.NoSmartphone = &c.ElderlyAlone, &c.NoSmartphone
		}
		out.Buildings = append(out.Buildings, b)
	}
	return out
}

// BuildingID is the building's opaque id.
func (b *BuildingReach) BuildingID() ID { return ID{KindBuilding, b.CommunityID, b.BuildingUUID} }

// CanReadReach reports whether the actor may read how many households are not reached: leads and the phone desk, who contact them, the commander
// and administrators. The city may not: a building often has fewer than five such households, and the city sees no number that small.
func (a Actor) CanReadReach(community int32) bool {
	return a.CanReadReports(community) || a.AtDesk(community)
}
