package delivery

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Offer is how much of a package a window offers (限量).
type Offer struct {
	CommunityID  int32     `db:"community_id"`
	WindowUUID   UUID      `db:"window_id"`
	PackageUUID  UUID      `db:"package_id"`
	SupplierUUID UUID      `db:"supplier_id"`
	PriceFen     int64     `db:"price_fen"`     // of the package when the window was set up
	Stock        *Quantity `db:"stock"`         // nil: no limit
	HouseholdCap *Quantity `db:"household_cap"` // nil: no limit
	PhoneReserve Quantity  `db:"phone_reserve"` // the part of the stock that only orders by telephone may take, while ReserveOpen
	ReserveOpen  bool      `db:"reserve_open"`
	Sold         Quantity  `db:"sold"`
	SoldByPhone  Quantity  `db:"sold_by_phone"`

	// Of the package.
	Item  string `db:"item"`
	Unit  string `db:"unit"`
	Marks Marks  `db:"marks"`
}

// WindowID is the window's opaque id.
func (o *Offer) WindowID() ID { return ID{KindWindow, o.CommunityID, o.WindowUUID} }

// PackageID is the package's opaque id.
func (o *Offer) PackageID() ID { return ID{KindPackage, o.CommunityID, o.PackageUUID} }

// Left is how much everyone can still order, nil without a limit: what the reserve keeps is not counted.
func (o *Offer) Left() *Quantity {
	left := o.LeftForPhone()
	if left != nil && o.ReserveOpen {
		*left = min(*left, *o.Stock-o.PhoneReserve-(o.Sold-o.SoldByPhone))
	}
	return left
}

// LeftForPhone is how much can still be ordered by telephone, nil without a limit.
func (o *Offer) LeftForPhone() *Quantity {
	if o.Stock == nil {
		return nil
	}
	return new(*o.Stock - o.Sold)
}

// Check refuses what no offer may say.
func (o *Offer) Check() *Error {
	for _, limit := range []struct {
		field string
		value *Quantity
	}{{"stock", o.Stock}, {"householdCap", o.HouseholdCap}} {
		if limit.value != nil && (*limit.value <= 0 || *limit.value > MaxQuantity) {
			return Refuse(ReasonBadLimit).At(limit.field)
		}
	}
	if o.PhoneReserve < 0 || o.PhoneReserve > 0 && (o.Stock == nil || o.PhoneReserve > *o.Stock) {
		return Refuse(ReasonBadReserve).At("phoneReserve")
	}
	return nil
}

// Substitute says what the supplier may do if an item is not there (缺货处理).
type Substitute string

// The answers of a household.
const (
	SubstituteNever Substitute = "NEVER" // 不要替换
	SubstituteAsk   Substitute = "ASK"   // 先问我
	SubstituteAny   Substitute = "ANY"   // 可以替换
)

// substituteWords are the names of the answers, as a person who shops reads them.
var substituteWords = map[Substitute]Bilingual{SubstituteNever: {"不要替换", "no substitute"}, SubstituteAsk: {"先问我", "ask first"}, SubstituteAny: {"可换同类", "any substitute"}}

// SubstituteWords returns the name of each answer in both languages.
func SubstituteWords() map[Substitute]Bilingual { return maps.Clone(substituteWords) }

// Substitutes lists the answers.
var Substitutes = []Substitute{SubstituteNever, SubstituteAsk, SubstituteAny}

// The refusals of offers.
var (
	ReasonBadLimit = NewReason("BAD_LIMIT", CodeBadUserInput,
		"A limit must be more than 0 and at most 9,999,999; leave it out for no limit.",
		"限量必须大于 0 且不超过 9,999,999；不限量请留空。")
	ReasonBadReserve = NewReason("BAD_RESERVE", CodeBadUserInput,
		"The reserve for orders by telephone must not be more than the stock.",
		"电话预留量不能超过总量。")
	ReasonNotOnOffer = NewReason("NOT_ON_OFFER", CodeBadUserInput,
		"This package is not on offer in this window.",
		"该时段没有这个套餐。")
	ReasonSoldOut = NewReason("SOLD_OUT", CodeConflict,
		"Only %s of this is left.",
		"仅剩 %s，请减少数量。")
	ReasonReservedForPhone = NewReason("RESERVED_FOR_PHONE", CodeConflict,
		"What is left of this is reserved for orders by telephone; %s is left for others.",
		"剩余部分为电话订购预留，其他渠道还可订 %s。")
	ReasonOverCap = NewReason("OVER_CAP", CodeConflict,
		"A household may order at most %s of this.",
		"每户限购 %s。")
	ReasonNoReserve = NewReason("NO_RESERVE", CodeConflict,
		"Nothing is reserved for orders by telephone any more.",
		"已没有电话预留。")
)

// Taking is what one order takes from the offers of a window.
type Taking struct {
	Household UUID
	Channel   Channel
	Lines     []*Line // with packages
}

// WindowStock is a window with the offers that a transaction has locked, and how much of them the households that order have ordered already.
// Orders are judged on it one after the other, so that many orders of one call see what those before them took.
type WindowStock struct {
	Window *OrderWindow

	offers  map[UUID]*Offer
	held    map[holding]Quantity
	orders  int // of the window, as it was read
	changed map[UUID]bool
	takenAt *time.Time // of the last order that took something
}

type holding struct{ household, pack UUID }

// NewWindowStock returns the stock of a window.
func NewWindowStock(w *OrderWindow, offers []*Offer) *WindowStock {
	s := &WindowStock{Window: w, offers: make(map[UUID]*Offer, len(offers)), held: map[holding]Quantity{}, orders: w.Orders, changed: map[UUID]bool{}}
	for _, o := range offers {
		s.offers[o.PackageUUID] = o
	}
	return s
}

// Hold notes how much of a package a household has ordered in the window.
func (s *WindowStock) Hold(household, pack UUID, q Quantity) { s.held[holding{household, pack}] += q }

// Capped lists the packages of the stock that have a cap for each household.
func (s *WindowStock) Capped() []UUID {
	var out []UUID
	for id, o := range s.offers {
		if o.HouseholdCap != nil {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// Has reports whether the stock has the package.
func (s *WindowStock) Has(pack UUID) bool { return s.offers[pack] != nil }

// Fill gives a line the name, the unit and the price of its package. It fails with BAD_USER_INPUT if the package is not on offer.
func (s *WindowStock) Fill(l *Line) (Marks, *Error) {
	o := s.offers[orEmpty(l.PackageUUID)]
	if o == nil {
		return nil, Refuse(ReasonNotOnOffer)
	}
	l.Item, l.Unit, l.UnitPriceFen = o.Item, o.Unit, o.PriceFen
	return o.Marks, nil
}

// Take takes what an order orders, or refuses the first line that asks for too much and changes nothing. The path of a refusal begins at
// the order's lines. It fails with SOLD_OUT, RESERVED_FOR_PHONE and OVER_CAP, with how much is left in the details.
func (s *WindowStock) Take(t Taking, at time.Time) *Error {
	asked := map[UUID]Quantity{}
	phone := t.Channel == ChannelPhone
	for i, l := range t.Lines {
		pack := orEmpty(l.PackageUUID)
		o := s.offers[pack]
		if o == nil {
			return Refuse(ReasonNotOnOffer).At("lines", strconv.Itoa(i), "packageId")
		}
		asked[pack] += l.Quantity
		if refusal := s.refuse(o, t.Household, phone, asked[pack], at); refusal != nil {
			return refusal.At("lines", strconv.Itoa(i), "quantity")
		}
	}
	for pack, q := range asked {
		if o := s.offers[pack]; !at.Before(s.Window.ClosesAt) {
			o.ReserveOpen = false // it lasts until the window closes
		}
		s.move(pack, t.Household, phone, q)
	}
	s.Window.Orders++
	s.takenAt = &at
	return nil
}

// TakenAt returns when the last order took something, which is when an offer that it emptied sold out. It is nil if no order took anything.
func (s *WindowStock) TakenAt() *time.Time { return s.takenAt }

func (s *WindowStock) refuse(o *Offer, household UUID, phone bool, asked Quantity, at time.Time) *Error {
	if o.HouseholdCap != nil && s.held[holding{household, o.PackageUUID}]+asked > *o.HouseholdCap {
		return Refuse(ReasonOverCap, o.HouseholdCap.String()).With(Details{QuantityLimit: o.HouseholdCap})
	}
	left := o.LeftForPhone()
	if left == nil {
		left = new(MaxQuantity - o.Sold) // what the database can count
	} else if free := o.Left(); !phone && asked > *free && at.Before(s.Window.ClosesAt) {
		if asked <= *left {
			return Refuse(ReasonReservedForPhone, free.String()).With(Details{QuantityLeft: free})
		}
		left = free
	}
	if asked > *left {
		return Refuse(ReasonSoldOut, left.String()).With(Details{QuantityLeft: left})
	}
	return nil
}

// Give gives back what an order had taken.
func (s *WindowStock) Give(t Taking) {
	for _, l := range t.Lines {
		s.move(orEmpty(l.PackageUUID), t.Household, t.Channel == ChannelPhone, -l.Quantity)
	}
	s.Window.Orders--
}

// Swap gives back what an order had taken and takes what it orders instead. If that is refused, it changes nothing.
func (s *WindowStock) Swap(was, next Taking, at time.Time) *Error {
	s.Give(was)
	refusal := s.Take(next, at)
	if refusal != nil {
		for _, l := range was.Lines {
			s.move(orEmpty(l.PackageUUID), was.Household, was.Channel == ChannelPhone, l.Quantity)
		}
		s.Window.Orders++
	}
	return refusal
}

func (s *WindowStock) move(pack, household UUID, phone bool, q Quantity) {
	o := s.offers[pack]
	o.Sold += q
	if phone {
		o.SoldByPhone += q
	}
	s.held[holding{household, pack}] += q
	s.changed[pack] = true
}

// Release ends the reserve of the packages, or of all if there are none named. It fails with CONFLICT if nothing is reserved, and with
// BAD_USER_INPUT for a package that is not on offer.
func (s *WindowStock) Release(packs []UUID) *Error {
	for i, pack := range packs {
		if s.offers[pack] == nil {
			return Refuse(ReasonNotOnOffer).At("packageIds", strconv.Itoa(i))
		}
	}
	for id, o := range s.offers {
		if o.ReserveOpen && o.PhoneReserve > 0 && (len(packs) == 0 || slices.Contains(packs, id)) {
			o.ReserveOpen, s.changed[id] = false, true
		}
	}
	if len(s.changed) == 0 {
		return Refuse(ReasonNoReserve)
	}
	return nil
}

// Changed lists the offers that were changed, by package.
func (s *WindowStock) Changed() []*Offer {
	var out []*Offer
	for id := range s.changed {
		out = append(out, s.offers[id])
	}
	slices.SortFunc(out, func(a, b *Offer) int { return cmp.Compare(a.PackageUUID, b.PackageUUID) })
	return out
}

// Event returns the event OFFER_CHANGED, nil if nothing has changed.
func (s *WindowStock) Event(a Actor, at time.Time) *Event {
	if len(s.changed) == 0 && s.Window.Orders == s.orders {
		return nil
	}
	return s.Window.event(OfferChanged, a, at)
}
