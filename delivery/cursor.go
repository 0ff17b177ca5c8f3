package delivery

import "encoding/binary"

// Position is a place in a community's feed: after the event with number Seq, in the feed's epoch.
// A restore from backup starts a new epoch, because the numbers after it would be given out again.
type Position struct {
	Community int32
	Epoch     uint64
	Seq       int64
}

// FeedCursor seals a position. It serves any filter of the community's feed.
func (k *Keyring) FeedCursor(p Position) string {
	var b [20]byte
	binary.BigEndian.PutUint32(b[0:], uint32(p.Community))
	binary.BigEndian.PutUint64(b[4:], p.Epoch)
	binary.BigEndian.PutUint64(b[12:], uint64(p.Seq))
	return k.Seal(PurposeFeed, "", b[:])
}

// ParseFeedCursor opens a feed cursor. It fails with BAD_USER_INPUT for anything we did not seal.
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
