package export

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// households writes a row for each household. Whole names and phones are recorded in the same transaction that reads them, before they are written.
func (t *tableWriter) households(ctx context.Context, p db.Range) ([]string, bool, error) {
	s := t.actor.Scope()
	rows, err := t.DB.Households(ctx, s, t.CommunityID, db.HouseholdFilter{}, p)
	if err != nil {
		return nil, false, err
	}
	if t.Contacts {
		if err := t.reveal(ctx, rows.Items); err != nil {
			return nil, false, err
		}
	}
	for _, h := range rows.Items {
		building, unit := strings.TrimSuffix(h.Address, "-"+h.Room), ""
		if at := strings.LastIndexByte(building, '-'); at >= 0 { // a building's code may have hyphens too
			building, unit = building[:at], building[at+1:]
		}
		name, phone := h.ContactName.Mask(), h.Phone.Mask()
		if t.Contacts {
			whole := h.Contact()
			name, phone = whole.Name, whole.Phone
		}
		var needs []string
		if t.actor.SeesNeeds() {
			for _, n := range h.Needs {
				needs = append(needs, t.word(string(n), needWords[n]))
			}
		}
		if err := t.add(building, unit, strconv.Itoa(h.Floor), h.Room, h.Address, name, phone, strconv.Itoa(h.People), strings.Join(needs, "、")); err != nil {
			return nil, false, err
		}
	}
	return lastKey(rows)
}

// texts writes the telephone number and the text of a notice for each household that it has not reached, for a gateway that sends them. Households without a
// telephone number are left out: they are told at the door.
func (t *tableWriter) texts(ctx context.Context, p db.Range) ([]string, bool, error) {
	rows, err := t.DB.Households(ctx, t.actor.Scope(), t.CommunityID, db.HouseholdFilter{Unreached: t.notice.UUID}, p)
	if err != nil {
		return nil, false, err
	}
	homes := slices.DeleteFunc(slices.Clone(rows.Items), func(h *delivery.Household) bool { return h.Phone == "" })
	if t.Contacts {
		if err := t.reveal(ctx, homes); err != nil {
			return nil, false, err
		}
	}
	text := t.notice.Title
	if t.notice.Body != "" {
		text += "\n" + t.notice.Body
	}
	for _, h := range homes {
		phone := h.Phone.Mask()
		if t.Contacts {
			phone = h.Contact().Phone
		}
		if err := t.add(phone, text); err != nil {
			return nil, false, err
		}
	}
	return lastKey(rows)
}

// reveal records that the actor is given the contacts of the households.
func (t *tableWriter) reveal(ctx context.Context, homes []*delivery.Household) error {
	at := t.Now()
	return t.InTx(ctx, func(tx *db.Tx) error {
		c, err := tx.LockCommunity(ctx, t.CommunityID, false)
		if err != nil {
			return err
		}
		if c.Purged() {
			return delivery.Refuse(dispatch.ReasonPurged)
		}
		var looks []*delivery.Reveal
		for _, h := range homes {
			if refusal := t.actor.CanReveal(h, nil); refusal != nil {
				return refusal
			}
			if h.ContactName != "" || h.Phone != "" {
				looks = append(looks, delivery.NewReveal(dispatch.NewUUID(), t.actor, h, nil, t.request.Reason, at))
			}
		}
		if len(looks) == 0 {
			return nil
		}
		return tx.InsertReveals(ctx, looks)
	})
}
