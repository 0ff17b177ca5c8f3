package workbook

import (
	"context"
	"slices"
	"strings"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/reading/estatefile"
)

// book is what a community has, archived rows too, by the keys that files name.
type book struct {
	buildings  map[string]*delivery.Building
	units      map[unitKey]*delivery.Unit
	households map[doorKey]*delivery.Household
	suppliers  map[string]*delivery.Supplier
	volunteers map[string]*delivery.Volunteer   // by code
	phones     map[string][]*delivery.Volunteer // of volunteers that are not archived
	services   map[delivery.UUID][]delivery.Service
	lane       string
	words      map[string]*delivery.AddressAlias // by address.Normal
}

// unitKey names a unit: the key of its building's code, and its number.
type unitKey struct {
	building string
	number   int
}

// doorKey names a household: its unit, and the key of its room.
type doorKey struct {
	unitKey
	room string
}

// read reads the community's book. It refuses a community that takes no changes.
func (v *Verbs) read(ctx context.Context, community int32) (*book, error) {
	return db.InTx(ctx, v.DB, func(t *db.Tx) (b *book, err error) {
		err = t.Look(func() error {
			b, err = readBook(ctx, t, community)
			return err
		})
		return b, err
	})
}

func readBook(ctx context.Context, t *db.Tx, community int32) (*book, error) {
	c, err := t.LockCommunity(ctx, community, false) // in a look nothing is locked
	switch {
	case err != nil:
		return nil, err
	case c.ArchivedAt != nil:
		return nil, delivery.Refuse(dispatch.ReasonArchived).At("communityId")
	case c.Purged():
		return nil, delivery.Refuse(dispatch.ReasonPurged).At("communityId")
	}
	buildings, err := t.Buildings().All(ctx, community)
	if err != nil {
		return nil, err
	}
	units, err := t.Units().All(ctx, community)
	if err != nil {
		return nil, err
	}
	of := make([]delivery.UUID, len(units))
	for i, u := range units {
		of[i] = u.UUID
	}
	households, err := t.HouseholdsOf(ctx, community, nil, of)
	if err != nil {
		return nil, err
	}
	suppliers, err := t.Suppliers().All(ctx, community)
	if err != nil {
		return nil, err
	}
	volunteers, err := t.Volunteers().All(ctx, community)
	if err != nil {
		return nil, err
	}
	services, err := t.Services(ctx, community)
	if err != nil {
		return nil, err
	}
	lane, words, err := t.EstateWords(ctx, community)
	if err != nil {
		return nil, err
	}
	b := newBook(buildings, units, households, suppliers, volunteers, services)
	b.lane = lane
	for _, w := range words {
		b.words[w.TextKey] = w
	}
	return b, nil
}

func newBook(buildings []*delivery.Building, units []*delivery.Unit, households []*delivery.Household, suppliers []*delivery.Supplier, volunteers []*delivery.Volunteer,
	services []*delivery.Service) *book {
	b := &book{buildings: map[string]*delivery.Building{}, units: map[unitKey]*delivery.Unit{}, households: map[doorKey]*delivery.Household{},
		suppliers: map[string]*delivery.Supplier{}, volunteers: map[string]*delivery.Volunteer{}, phones: map[string][]*delivery.Volunteer{}, services: map[delivery.UUID][]delivery.Service{}, words: map[string]*delivery.AddressAlias{}}
	codes := map[delivery.UUID]string{}
	for _, r := range buildings {
		key := delivery.Key(r.Code)
		b.buildings[key], codes[r.UUID] = r, key
	}
	places := map[delivery.UUID]unitKey{}
	for _, r := range units {
		key := unitKey{codes[r.BuildingUUID], r.Number}
		b.units[key], places[r.UUID] = r, key
	}
	for _, r := range households {
		b.households[doorKey{places[r.UnitUUID], delivery.Key(r.Room)}] = r
	}
	for _, r := range suppliers {
		b.suppliers[delivery.Key(r.Code)] = r
	}
	for _, r := range volunteers {
		b.volunteers[delivery.Key(r.Code)] = r
		if digits := digitsOf(r.Phone); digits != "" && !r.Archived() {
			b.phones[digits] = append(b.phones[digits], r)
		}
	}
	for _, r := range services {
		b.services[r.VolunteerUUID] = append(b.services[r.VolunteerUUID], *r)
	}
	return b
}

// digitsOf returns the digits of a phone, by which two ways to write it are compared.
func digitsOf(p delivery.Phone) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, p.Reveal())
}

// key returns the key of the building that a cell names: as written if there is one of that name, else without the word for building.
func (b *book) key(name estatefile.PlaceName) string {
	if written := delivery.Key(name.Written); b.buildings[written] != nil {
		return written
	}
	return delivery.Key(name.Code)
}

// sameNeeds reports whether two lists have the same needs.
func sameNeeds(a, b delivery.Needs) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(n delivery.Need) bool { return !slices.Contains(b, n) })
}
