package delivery

import "slices"

// Stage is where an order is. It decides who must act next (环节).
type Stage string

// The stages, in the order of the chain. DELIVERED, CANCELLED and RETURNED are final.
const (
	Placed         Stage = "PLACED"           // 已下单: with the supplier, or the volunteer who took it
	Dispatched     Stage = "DISPATCHED"       // 配送中: on the way to the gate
	AtGate         Stage = "AT_GATE"          // 已到小区门口: waiting to be sorted
	Sorted         Stage = "SORTED"           // 已分拣: in the building's bin
	AtBuilding     Stage = "AT_BUILDING"      // 已到楼栋: with the building's volunteer
	OutForDelivery Stage = "OUT_FOR_DELIVERY" // 投递中: on the stairs
	Delivered      Stage = "DELIVERED"        // 已入户
	Cancelled      Stage = "CANCELLED"        // 已取消, only before AT_GATE
	Returned       Stage = "RETURNED"         // 已退回, only from AT_GATE on
)

// Stages lists every stage in the order of the chain. The schema's enum and the database's check mirror it; a test compares
// the three.
var Stages = []Stage{Placed, Dispatched, AtGate, Sorted, AtBuilding, OutForDelivery, Delivered, Cancelled, Returned}

// Post is the role that acts at a stage. The people who may act fill the post.
type Post string

// The posts. Which people fill a post is decided in access.go.
const (
	PostNone      Post = "NOBODY"
	PostSupplier  Post = "SUPPLIER"  // the order's shop or platform, and its driver
	PostTaker     Post = "TAKER"     // the volunteer who took a BUY_FOR or ERRAND order
	PostGate      Post = "GATE"      // duty squad, checks trucks in
	PostSorting   Post = "SORTING"   // sorting hands at the gate
	PostTransport Post = "TRANSPORT" // from the bin to the building
	PostBuilding  Post = "BUILDING"  // the building's supply volunteers
	PostHousehold Post = "HOUSEHOLD" // the residents who ordered
)

// Squad returns the squad whose lead is responsible for the post if an order there has no holder. HOUSEHOLD and NOBODY have
// none.
func (p Post) Squad() Squad {
	switch p {
	case PostGate, PostSorting:
		return SquadDuty
	case PostTransport:
		return SquadTransport
	case PostBuilding, PostTaker, PostSupplier:
		return SquadSupply
	}
	return ""
}

// Edge is one move that the chain allows, with the posts that may make it.
type Edge struct {
	From, To Stage
	Errand   bool // only orders a volunteer runs: BUY_FOR and ERRAND
	Kind     MoveKind
	By       []Post
}

// MoveKind is the kind of a move; all but FORWARD require a reason.
type MoveKind string

// The kinds of move.
const (
	MoveForward MoveKind = "FORWARD"
	MoveFailed  MoveKind = "FAILED_ATTEMPT" // it could not be handed over at the door
	MoveCancel  MoveKind = "CANCEL"
	MoveReturn  MoveKind = "RETURN"
)

// edges is the stage table, drawn in docs/stages.md. It is the only definition of an order's moves.
var edges = []Edge{
	{From: Placed, To: Dispatched, Kind: MoveForward, By: []Post{PostSupplier, PostTaker}},
	{From: Placed, To: AtGate, Kind: MoveForward, By: []Post{PostSupplier, PostTaker, PostGate}}, // came unannounced
	{From: Dispatched, To: AtGate, Kind: MoveForward, By: []Post{PostSupplier, PostTaker, PostGate}},
	{From: AtGate, To: Sorted, Kind: MoveForward, By: []Post{PostSorting}},
	{From: Sorted, To: AtBuilding, Kind: MoveForward, By: []Post{PostTransport, PostBuilding}},
	{From: AtBuilding, To: OutForDelivery, Kind: MoveForward, By: []Post{PostBuilding, PostTaker}},
	{From: AtBuilding, To: Delivered, Kind: MoveForward, By: []Post{PostBuilding, PostTaker}},
	{From: OutForDelivery, To: Delivered, Kind: MoveForward, By: []Post{PostBuilding, PostTaker}},
	{From: Dispatched, To: OutForDelivery, Errand: true, Kind: MoveForward, By: []Post{PostTaker}},
	{From: Dispatched, To: Delivered, Errand: true, Kind: MoveForward, By: []Post{PostTaker}},
	{From: OutForDelivery, To: AtBuilding, Kind: MoveFailed, By: []Post{PostBuilding, PostTaker}},
	{From: Placed, To: Cancelled, Kind: MoveCancel, By: []Post{PostSupplier, PostTaker, PostBuilding, PostHousehold}},
	{From: Dispatched, To: Cancelled, Kind: MoveCancel, By: []Post{PostSupplier, PostTaker, PostBuilding}},
	{From: AtGate, To: Returned, Kind: MoveReturn, By: []Post{PostGate, PostSorting}},
	{From: Sorted, To: Returned, Kind: MoveReturn, By: []Post{PostGate, PostSorting, PostTransport, PostBuilding}},
	{From: AtBuilding, To: Returned, Kind: MoveReturn, By: []Post{PostBuilding, PostTaker}},
	{From: OutForDelivery, To: Returned, Kind: MoveReturn, By: []Post{PostBuilding, PostTaker}},
}

// EdgeOf returns the edge from one stage to another for an order of the channel,
// and false if the chain does not allow that move.
func EdgeOf(from, to Stage, channel Channel) (Edge, bool) {
	for _, e := range edges {
		if e.From == from && e.To == to && (!e.Errand || channel.RunByVolunteer()) {
			return e, true
		}
	}
	return Edge{}, false
}

// EdgesFrom lists the moves the chain allows from a stage for an order of the channel, forward moves first.
func EdgesFrom(from Stage, channel Channel) []Edge {
	var out []Edge
	for _, e := range edges {
		if e.From == from && (!e.Errand || channel.RunByVolunteer()) {
			out = append(out, e)
		}
	}
	return out
}

// Next returns the stage one step forward on the chain, or false at a final stage.
func (s Stage) Next() (Stage, bool) {
	for i, stage := range Stages[:len(Stages)-3] {
		if stage == s {
			return Stages[i+1], true
		}
	}
	return "", false
}

// Final reports whether s is a final stage, at which no role acts. Only an undo leaves it.
func (s Stage) Final() bool { return s == Delivered || s == Cancelled || s == Returned }

// Valid reports whether s is a known stage.
func (s Stage) Valid() bool {
	return slices.Contains(Stages, s)
}

// ActsNext returns the one post that must act on an order at the stage.
func (s Stage) ActsNext(channel Channel) Post {
	switch s {
	case Placed, Dispatched:
		if channel.RunByVolunteer() {
			return PostTaker
		}
		return PostSupplier
	case AtGate:
		return PostSorting
	case Sorted:
		return PostTransport
	case AtBuilding:
		return PostBuilding
	case OutForDelivery:
		if channel.RunByVolunteer() {
			return PostTaker
		}
		return PostBuilding
	}
	return PostNone
}

// Channel is how an order was placed (渠道).
type Channel string

// The channels.
const (
	ChannelApp      Channel = "APP"       // the household, on a phone
	ChannelPhone    Channel = "PHONE"     // a volunteer, for a household that telephoned
	ChannelBuyFor   Channel = "BUY_FOR"   // 代购: a volunteer goes to the shop
	ChannelErrand   Channel = "ERRAND"    // 代办: a volunteer runs an errand
	ChannelGroupBuy Channel = "GROUP_BUY" // 团购
	ChannelPackage  Channel = "PACKAGE"   // 大礼包: a set package, also from the government
)

// Channels lists every channel.
var Channels = []Channel{ChannelApp, ChannelPhone, ChannelBuyFor, ChannelErrand, ChannelGroupBuy, ChannelPackage}

// RunByVolunteer reports whether a volunteer fetches the goods instead of a supplier's truck.
func (c Channel) RunByVolunteer() bool { return c == ChannelBuyFor || c == ChannelErrand }

// Valid reports whether c is a known channel.
func (c Channel) Valid() bool {
	return slices.Contains(Channels, c)
}
