package delivery

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"sync/atomic"
)

// Purpose binds a sealed cursor to what it was made for, so that one cannot pass for another.
type Purpose string

// The purposes of cursors.
const (
	PurposeFeed Purpose = "feed"
	PurposePage Purpose = "page"
)

// Position is a place in a community's feed: after the event with number Seq, in the feed's epoch.
// A restore from backup starts a new epoch, because the numbers after it would be given out again.
type Position struct {
	Community int32
	Epoch     uint64
	Seq       int64
}

// Keyring seals and opens cursors with AES-256-GCM, with purpose, key id and what the cursor is bound to as additional
// data (readable positions would let a rival count a community's orders), and derives what is issued. It is safe for
// concurrent use, also with Replace.
type Keyring struct{ now atomic.Pointer[ring] }

// ring is keys by id, the one that seals, and all ids with that first.
type ring struct {
	keys  map[byte]*key
	order []byte
}

// key is one secret, and what was drawn from it for each use.
type key struct {
	seal          cipher.AEAD
	nonce, derive []byte
}

// NewKeyring takes the 32-byte secrets by id; cursors are sealed with the one called newest.
func NewKeyring(newest byte, secrets map[byte][]byte) (*Keyring, error) {
	r := &ring{keys: map[byte]*key{}, order: []byte{newest}}
	for id, secret := range secrets {
		k, err := newKey(secret)
		if err != nil {
			return nil, fmt.Errorf("cursor key %d: %w", id, err)
		}
		if r.keys[id] = k; id != newest {
			r.order = append(r.order, id)
		}
	}
	if r.keys[newest] == nil {
		return nil, fmt.Errorf("cursor key %d is not in the ring", newest)
	}
	k := &Keyring{}
	k.now.Store(r)
	return k, nil
}

func newKey(secret []byte) (*key, error) {
	if len(secret) != 32 {
		return nil, fmt.Errorf("the secret has %d bytes, not 32", len(secret))
	}
	draw := func(use string) []byte {
		out, err := hkdf.Key(sha256.New, secret, nil, "baogong "+use, 32)
		if err != nil { // only of lengths that are not ours
			panic(err)
		}
		return out
	}
	block, err := aes.NewCipher(draw("seal"))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &key{seal: aead, nonce: draw("nonce"), derive: draw("derive")}, err
}

// Replace takes over the keys of another ring, after a key was added or retired.
func (k *Keyring) Replace(other *Keyring) { k.now.Store(other.now.Load()) }

// Seal encrypts a cursor for a purpose, bound to what else must be the same when it is opened. The nonce is drawn from
// what is sealed, so the same position is the same cursor, for everybody and wherever it stands, and no number of
// seals makes a nonce serve two cursors.
func (k *Keyring) Seal(p Purpose, bound string, plain []byte) string {
	r := k.now.Load()
	id := r.order[0]
	with := r.keys[id]
	out := make([]byte, 1+with.seal.NonceSize(), 1+with.seal.NonceSize()+len(plain)+with.seal.Overhead())
	out[0] = id
	mac := hmac.New(sha256.New, with.nonce)
	mac.Write(additional(p, id, bound))
	mac.Write(plain)
	copy(out[1:], mac.Sum(nil))
	out = with.seal.Seal(out, out[1:], plain, additional(p, id, bound))
	return base64.RawURLEncoding.EncodeToString(out)
}

// Open decrypts a cursor. It reports false for one that was not sealed by us for this purpose and binding.
func (k *Keyring) Open(p Purpose, bound, cursor string) ([]byte, bool) {
	if len(cursor) > 2048 {
		return nil, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(b) < 1 {
		return nil, false
	}
	with := k.now.Load().keys[b[0]]
	if with == nil || len(b) < 1+with.seal.NonceSize() {
		return nil, false
	}
	nonce, sealed := b[1:1+with.seal.NonceSize()], b[1+with.seal.NonceSize():]
	plain, err := with.seal.Open(nil, nonce, sealed, additional(p, b[0], bound))
	return plain, err == nil
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

func additional(p Purpose, key byte, bound string) []byte {
	return append([]byte{key}, string(p)+"\x00"+bound...)
}
