package delivery

import "encoding/binary"

// MoveBatch names the moves of one call (一次操作). A call appends its events to the feed one after another, so they are a stretch of it:
// nothing else has to be stored to find them again.
type MoveBatch struct {
	CommunityID int32 `json:"community"`
	Epoch       int64 `json:"epoch"` // of the feed: after a restore, its positions name other events
	First       int64 `json:"first"` // the position of the first event
	Events      int   `json:"events"`
}

// Limits of what an id can name.
const (
	maxBatchFirst  = 1<<48 - 1
	maxBatchEvents = 1<<16 - 1
)

// ID is the batch's opaque id, nil for a batch of more events than a call appends.
func (b *MoveBatch) ID() *ID {
	if b == nil || b.Events > maxBatchEvents || b.First > maxBatchFirst {
		return nil
	}
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:], uint64(b.First)<<16|uint64(b.Events))
	binary.BigEndian.PutUint64(raw[8:], uint64(b.Epoch))
	return &ID{KindBatch, b.CommunityID, uuidOf(raw)}
}

// BatchOf returns the batch that an id of KindBatch names.
func BatchOf(id ID) MoveBatch {
	raw, _ := id.UUID.bytes() // ParseID has read it
	place := binary.BigEndian.Uint64(raw[:])
	return MoveBatch{CommunityID: id.Community, Epoch: int64(binary.BigEndian.Uint64(raw[8:])), First: int64(place >> 16), Events: int(place & maxBatchEvents)}
}

// Last is the position of the last event.
func (b MoveBatch) Last() int64 { return b.First + int64(b.Events) - 1 }

// Undoable reports whether events of the kind are moves that undoMove takes back.
func (k EventKind) Undoable() bool { return k == OrderMoved || k == OrderLoaded }
