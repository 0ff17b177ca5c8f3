package intake

import (
	"context"
	"maps"

	"baogong/db"
	"baogong/delivery"
	"baogong/reading"
	"baogong/reading/address"
)

// seriesRows is the most rows of earlier postings of a list that are read for what persons decided about them.
const seriesRows = 2000

// settledTexts are the texts that mean one door in the postings of one list, because a person decided so.
type settledTexts map[string]settledText // by their normal form

type settledText struct {
	door int // its index in the book
	most int // how many rows of one posting have the text
}

// series reads what persons decided about the rows of earlier postings of the list. The words of the estate are left as they are: the same text may mean
// another door in another list.
func (v *Verbs) series(ctx context.Context, i *delivery.Import, b *HomeBook) (settledTexts, error) {
	rows, err := v.DB.UnscopedRowsOfList(ctx, i, seriesRows)
	if err != nil {
		return nil, err
	}
	return settledIn(rows, b.at), nil
}

// settledIn returns the texts of the rows that mean one door. It leaves out a text that means several doors, one that is written beside a row of the same
// posting which still waits, and one whose household is archived.
func settledIn(rows []db.ListRow, doors map[delivery.UUID]int) settledTexts {
	type posted struct {
		of  delivery.UUID
		key string
	}
	out, unclear, count := settledTexts{}, map[string]bool{}, map[posted]int{}
	waiting := map[posted]bool{}
	for _, r := range rows {
		if r.PlaceKey == nil {
			waiting[posted{r.Import, placeKey(r.Place)}] = true
			continue
		}
		at := posted{r.Import, *r.PlaceKey}
		count[at]++
		door, there := doors[*r.Household]
		before, known := out[at.key]
		if !there || known && before.door != door {
			unclear[at.key] = true
		}
		out[at.key] = settledText{door: door, most: max(before.most, count[at])}
	}
	for at := range count {
		if waiting[at] {
			unclear[at.key] = true
		}
	}
	maps.DeleteFunc(out, func(key string, _ settledText) bool { return unclear[key] })
	return out
}

// doors returns the door of each text, as the reading takes them.
func (s settledTexts) doors() map[string]int {
	out := make(map[string]int, len(s))
	for key, t := range s {
		out[key] = t.door
	}
	return out
}

// without returns the texts that no more entries have than rows of an earlier posting had. Which of more entries is meant is not known.
func (s settledTexts) without(entries []reading.Entry) settledTexts {
	count := map[string]int{}
	for _, e := range entries {
		count[placeKey(e.Address.Text)]++
	}
	out := maps.Clone(s)
	maps.DeleteFunc(out, func(key string, t settledText) bool { return count[key] > t.most })
	return out
}

// placeKey returns the form under which a text that says where a household lives is kept.
func placeKey(text string) string { return kept(address.Normal(text), delivery.MaxRowPlace) }
