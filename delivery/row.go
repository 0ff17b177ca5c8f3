package delivery

import "time"

// Row is the part that the nouns of a community have in common: which row it is, and its versions. A noun embeds it.
type Row struct {
	CommunityID int32 `db:"community_id"`
	UUID        UUID  `db:"id"`
	Versioned
}

// NewRow returns the first version of a row that was added at an instant.
func NewRow(community int32, id UUID, at time.Time) Row {
	return Row{CommunityID: community, UUID: id, Versioned: Versioned{Version: 1, CreatedAt: at}}
}

// id is the opaque id of the row as a noun of the kind.
func (r *Row) id(k Kind) ID { return ID{k, r.CommunityID, r.UUID} }

// Versioned is the part that the nouns which people add, correct and archive have in common. They are never deleted.
type Versioned struct {
	Version    int64      `db:"version"` // 1 when it was added; each change increases it
	CreatedAt  time.Time  `db:"created_at"`
	ArchivedAt *time.Time `db:"archived_at"`
}

// IsNode marks the noun as a GraphQL Node.
func (*Versioned) IsNode() {}

// Archived reports whether the noun is archived.
func (v *Versioned) Archived() bool { return v.ArchivedAt != nil }

// Versions is the noun's versions, for the verbs that save it.
func (v *Versioned) Versions() *Versioned { return v }
