package sorting

import (
	"context"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// SortItemInput is one order to put into the bin, and how many bags of it the caller puts there.
type SortItemInput struct {
	OrderID delivery.ID
	Bags    *int
}

// SortOrdersInput is orders to put into one bin.
type SortOrdersInput struct {
	ClientMutationID *string
	BinID            delivery.ID
	Orders           []*SortItemInput
	Labels           []string
	DeviceTime       *time.Time
	Atomic           bool
}

// SortOrdersPayload is the outcome of sorting: a result per item of orders, then one per label, in the order given.
type SortOrdersPayload struct {
	dispatch.Outcome
	dispatch.Moves
	Results []*SortResult `json:"results,omitempty"`
}

// SortResult is the outcome of one item. It never repeats the label: what is stored for retries holds no personal data.
type SortResult struct {
	OrderID *delivery.ID `json:"order,omitempty"` // nil if the label names none in sight
	Moved   bool         `json:"moved,omitempty"` // false if it was refused, or stood in the bin already
	dispatch.Verdict
}

// Undo takes back that the order was moved.
func (r *SortResult) Undo() bool { return dispatch.Take(&r.Moved) }

// Sorted counts the orders that stand in the bin now, those that stood there already included.
func (p *SortOrdersPayload) Sorted() int {
	in := map[delivery.ID]bool{}
	for _, r := range p.Results {
		if r.OrderID != nil && len(r.UserErrors) == 0 {
			in[*r.OrderID] = true
		}
	}
	return len(in)
}

// sortCall is a sortOrders call whose input was read.
type sortCall struct {
	dispatch.OrderSteps
	in    SortOrdersInput
	bin   *delivery.Bin     // of this run
	items []int             // the index of the result of each step
	bad   []*delivery.Error // by result, of labels that cannot be read
	whole *delivery.Error   // of the whole call
}

// SortOrders puts orders into a bin, by id or scanned label. Actors who fill the post SORTING may. AT_GATE becomes SORTED; a sorted order changes its bin.
func (v *Verbs) SortOrders(ctx context.Context, a delivery.Actor, in SortOrdersInput) (*SortOrdersPayload, error) {
	in.DeviceTime = dispatch.Instant(in.DeviceTime)
	c := readSortCall(a, in)
	return dispatch.Run(ctx, v.Engine, c.Call, func(t *db.Tx, _ time.Time, out *SortOrdersPayload) (bool, error) {
		if c.whole != nil {
			return false, c.whole
		}
		if err := c.lockBin(ctx, t); err != nil {
			return false, err
		}
		for _, refusal := range c.bad {
			result := &SortResult{}
			if refusal != nil {
				result.UserErrors = []*delivery.Error{refusal}
			}
			out.Results = append(out.Results, result)
		}
		if len(c.items) == 0 {
			return false, nil
		}
		s, err := c.Judge(ctx, t, v.BusinessTime)
		if err != nil {
			return false, err
		}
		if err := c.nameRightBins(ctx, t, s.Verdicts); err != nil {
			return false, err
		}
		for i, verdict := range s.Verdicts {
			result := out.Results[c.items[i]]
			if verdict.Order != nil {
				id := verdict.Order.ID()
				result.OrderID, result.Moved = &id, verdict.Event != nil
			}
			if verdict.Refusal != nil {
				result.UserErrors = []*delivery.Error{c.at(verdict.Refusal, c.items[i])}
			}
		}
		if in.Atomic && (s.Refused() || len(c.items) < len(c.bad)) {
			dispatch.Undo(out.Results[:len(in.Orders)], "orders")
			dispatch.Undo(out.Results[len(in.Orders):], "labels")
			return false, nil
		}
		return s.Record(ctx, t)
	})
}

// readSortCall reads the labels and checks what needs no database.
func readSortCall(a delivery.Actor, in SortOrdersInput) *sortCall {
	c := &sortCall{in: in, bad: make([]*delivery.Error, len(in.Orders)+len(in.Labels))}
	c.Call = dispatch.Call{Actor: a, Mutation: "sortOrders", ID: in.ClientMutationID, Input: in, Community: in.BinID.Community}
	c.whole = c.check()
	c.Step = c.step
	for i, item := range in.Orders {
		c.add(i, item.OrderID, 0)
	}
	for i, text := range in.Labels {
		i += len(in.Orders)
		label, refusal := delivery.ParseLabel(text)
		switch {
		case refusal != nil:
			c.bad[i] = c.at(refusal, i)
		case label.OrderID == nil:
			c.add(i, delivery.ID{}, label.Number)
		case label.OrderID.Community != c.Community:
			c.bad[i] = c.at(delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String()), i)
		default:
			c.add(i, *label.OrderID, 0)
		}
	}
	return c
}

// check refuses what concerns the whole call.
func (c *sortCall) check() *delivery.Error {
	if refusal := dispatch.CheckID(c.in.BinID, delivery.KindBin, 0); refusal != nil {
		return refusal.At("binId")
	}
	if refusal := dispatch.CheckCount(len(c.bad), "orders"); refusal != nil {
		return refusal
	}
	if len(c.in.Orders) > 0 {
		community, refusal := dispatch.CheckIDs(dispatch.IDs(c.in.Orders, func(o *SortItemInput) delivery.ID { return o.OrderID }), "orders", "orderId", delivery.KindOrder)
		if refusal == nil && community != c.Community {
			refusal = delivery.Refuse(dispatch.ReasonTwoCommunities).At("orders", "0", "orderId")
		}
		if refusal != nil {
			return refusal
		}
	}
	for i, item := range c.in.Orders {
		if item.Bags == nil {
			continue
		}
		if refusal := dispatch.First(dispatch.Within("bags", *item.Bags, 1, delivery.MaxBags)); refusal != nil {
			return refusal.At("orders", strconv.Itoa(i))
		}
	}
	return dispatch.CheckNote("", c.in.DeviceTime)
}

// add adds a step for the item at index i of the results, which names its order by id or number.
func (c *sortCall) add(i int, id delivery.ID, number int64) {
	c.IDs, c.Numbers, c.items = append(c.IDs, id), append(c.Numbers, number), append(c.items, i)
}

// at returns the refusal with the path of the item at index i of the results.
func (c *sortCall) at(refusal *delivery.Error, i int) *delivery.Error {
	if i < len(c.in.Orders) {
		return refusal.At("orders", strconv.Itoa(i))
	}
	return refusal.At("labels", strconv.Itoa(i-len(c.in.Orders)))
}

// lockBin locks the bin before the orders, so that it is not archived meanwhile.
func (c *sortCall) lockBin(ctx context.Context, t *db.Tx) error {
	none := delivery.Refuse(delivery.ReasonNoSuch, delivery.KindBin.String()).At("binId")
	if scope := c.Actor.Scope(); !scope.Sight().Team || !scope.SeesCommunity(c.Community) {
		return none
	}
	bins, err := t.ShareBins(ctx, c.Community, []delivery.UUID{c.in.BinID.UUID})
	switch {
	case err != nil:
		return err
	case len(bins) == 0:
		return none
	case bins[0].Archived():
		return delivery.Refuse(dispatch.ReasonArchived).At("binId")
	}
	c.bin = bins[0]
	return nil
}

func (c *sortCall) step(i int, o *delivery.OrderSnapshot, at time.Time, s *dispatch.Surroundings) (*delivery.Event, *delivery.Error) {
	to := delivery.Sorting{Bin: c.bin, DeviceTime: c.in.DeviceTime}
	if item := c.items[i]; item < len(c.in.Orders) && c.in.Orders[item].Bags != nil {
		to.Bags = *c.in.Orders[item].Bags
	}
	return o.Sort(c.Actor, to, at, s.HoldsOn(o), s.Roster)
}

// nameRightBins names the right bins in the refusals of those that do not take the order.
func (c *sortCall) nameRightBins(ctx context.Context, t *db.Tx, verdicts []dispatch.StepVerdict) error {
	var buildings []delivery.UUID
	for _, v := range verdicts {
		if v.Refusal != nil && v.Refusal.Reason == delivery.ReasonWrongBin {
			buildings = append(buildings, v.Order.BuildingUUID)
		}
	}
	if len(buildings) == 0 {
		return nil
	}
	bins, err := t.BinsIn(ctx, c.Community, buildings)
	for i, v := range verdicts {
		if v.Refusal != nil && v.Refusal.Reason == delivery.ReasonWrongBin {
			verdicts[i].Refusal = v.Order.WrongBin(bins)
		}
	}
	return err
}
