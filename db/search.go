package db

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lib/pq"

	"baogong/delivery"
)

// A text in more than broadText orders is searched in the newest broadWindow orders only. This bounds the rows that any
// search reads, in every sort order.
const (
	broadText   = 5_000
	broadWindow = 10_000
	gram        = 3 // the index holds trigrams
)

// textMatch holds facts about a text filter that decide how its statement is written.
type textMatch struct {
	delivery.Search
	blank bool // the text has no letter and no digit, such as "#": it matches no order
	broad bool
	after int64 // if broad, search only orders with greater numbers
}

// search counts the orders that contain the text, up to a little more than broadText. The count decides how the list is read,
// and for a broad text how far back.
func (d *DB) search(ctx context.Context, s delivery.Scope, community int32, text string) (*textMatch, error) {
	f := &textMatch{Search: delivery.NewSearch(text)}
	f.blank = text != "" && strings.IndexFunc(text, isWordRune) < 0
	if f.blank || len(f.Needles) == 0 || few(s) {
		return f, nil
	}
	// The index holds trigrams, so it cannot serve a shorter text, which most likely is broad. A short text that names a door,
	// such as 6幢, is searched as a door, and as a whole platform number.
	short := utf8.RuneCountInString(f.Needles[0]) < gram
	if short && len(f.Needles) > 1 {
		f.Needles[0], short = "\n"+f.Needles[0]+"\n", false
	}
	rows, err := list[struct {
		Rows int64 `db:"rows"`
		Last int64 `db:"last"`
	}](ctx, d, "count the orders with a text", `
		select case when $5 then 0 else (select count(*) from orders_with($1, $2, $3, $4)) end as rows,
		       coalesce((select n.last from order_numbers n where n.community_id = $1), 0) as last`,
		community, f.Needles[0], pq.StringArray(f.Needles), broadText+1, short)
	if err != nil {
		return nil, err
	}
	f.broad, f.after = short || rows[0].Rows > broadText, rows[0].Last-broadWindow
	return f, nil
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// few reports whether the scope sees so few orders that reading each costs less than the index.
func few(s delivery.Scope) bool {
	return s.Class == delivery.SeesHousehold || s.Class == delivery.SeesOrder
}

// search restricts orders to those that contain the text. The statement must join households as h.
func (w *where) search(s delivery.Scope, community int32, f *textMatch) {
	switch {
	case f != nil && f.blank:
		w.clauses = append(w.clauses, "false")
	case f == nil || len(f.Needles) == 0:
	case f.broad || few(s):
		// A scalar subquery, because exists might hash the words of the whole community.
		w.clauses = append(w.clauses, "(position("+w.arg(f.Needles[0])+` in (select t.words from order_texts t where t.community_id = o.community_id and t.order_id = o.id)) > 0
		or `+w.contain("h.words", f.Needles)+")")
		if f.broad {
			w.and("(o.number > ? or o.number = ?)", f.after, f.Number)
		}
	default:
		w.and("o.id in (select orders_with(?, ?, ?, ?))", community, f.Needles[0], pq.StringArray(f.Needles), broadText+1)
	}
}

// words returns the condition that a row's words contain one of the needles, served by the trigram index.
func (w *where) words(alias string, community int32, needles []string) string {
	either := make([]string, len(needles))
	for i, needle := range needles {
		at := w.arg(needle)
		either[i] = "position(" + at + " in " + alias + ".words) > 0"
		if utf8.RuneCountInString(needle) >= gram {
			either[i] = "(text_grams(" + alias + ".community_id, " + alias + ".words) @> text_grams(" + w.arg(community) + ", " + at + ") and " + either[i] + ")"
		}
	}
	return "(" + strings.Join(either, " or ") + ")"
}

// contain returns the condition that a column contains one of the needles, without an index.
func (w *where) contain(column string, needles []string) string {
	either := make([]string, len(needles))
	for i, needle := range needles {
		either[i] = "position(" + w.arg(needle) + " in " + column + ") > 0"
	}
	return "(" + strings.Join(either, " or ") + ")"
}

// CodeConflict is a row whose normalised code equals that of another row, from before normalised codes had to be unique.
type CodeConflict struct {
	Community int32  `db:"community_id"`
	Table     string `db:"place"`
	Code      string `db:"code"`
}

// UnscopedClashes returns at most a hundred rows whose code differs from another row's only in width, case or composition. A
// new code for one of the two resolves the clash.
func (d *DB) UnscopedClashes(ctx context.Context) ([]CodeConflict, error) {
	return list[CodeConflict](ctx, d, "read codes that clash", `
		select community_id, 'communities' as place, code from communities where position(chr(31) in code_key) > 0
		union all select community_id, 'buildings', code from buildings where position(chr(31) in code_key) > 0
		union all select community_id, 'volunteers', code from volunteers where position(chr(31) in code_key) > 0
		union all select community_id, 'suppliers', code from suppliers where position(chr(31) in code_key) > 0
		union all select community_id, 'households', room from households where position(chr(31) in room_key) > 0
		union all (select t.community_id, 'order_texts', o.external_number
		             from order_texts t
		             join orders o on o.community_id = t.community_id and o.id = t.order_id
		            where t.number_key like '%' || chr(31) || '%')
		 order by 1, 2, 3
		 limit 100`)
}
