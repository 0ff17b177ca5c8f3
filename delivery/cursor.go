package delivery

import (
	"crypto/rand"
	"encoding/binary"
)

// Position is a place in a community's feed: after the event with number Seq, in the feed's epoch.
// A restore from backup starts a new epoch, because the numbers after it would be given out again.
type Position struct {
	Community int32
	Epoch     uint64
	Seq       int64
}

// FeedCursor seals the position of an event. Equal positions give equal texts. A cursor is valid with any filter of the
// community's feed.
func (k *Keyring) FeedCursor(p Position) string {
	b := p.bytes()
	return k.Seal(PurposeFeed, "", b[:])
}

func (p Position) bytes() (b [20]byte) {
	binary.BigEndian.PutUint32(b[0:], uint32(p.Community))
	binary.BigEndian.PutUint64(b[4:], p.Epoch)
	binary.BigEndian.PutUint64(b[12:], uint64(p.Seq))
	return b
}

// ReadCursor seals the position up to which a caller has read. Equal positions give different texts, so that comparing two
// cursors does not reveal whether events happened that the caller may not see.
func (k *Keyring) ReadCursor(p Position) string {
	b := p.bytes()
	return k.seal(PurposeFeed, "", b[:], rand.Text())
}

// ReasonBadFeedCursor refuses a cursor that no feed of the community gave out.
var ReasonBadFeedCursor = NewReason("BAD_FEED_CURSOR", CodeBadUserInput,
	"This is not a cursor of this community's feed.",
	"这不是该小区动态的游标。")

// ParseFeedCursor opens a feed cursor. It fails with BAD_USER_INPUT for any other text.
func (k *Keyring) ParseFeedCursor(cursor string) (Position, error) {
	b, ok := k.Open(PurposeFeed, "", cursor)
	if !ok || len(b) != 20 {
		return Position{}, Refuse(ReasonBadFeedCursor)
	}
	return Position{
		Community: int32(binary.BigEndian.Uint32(b[0:])),
		Epoch:     binary.BigEndian.Uint64(b[4:]),
		Seq:       int64(binary.BigEndian.Uint64(b[12:])),
	}, nil
}
