package delivery

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
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

// Keyring seals and opens cursors with AES-256-GCM; purpose, key id and what the cursor is bound to are
// additional data. Readable positions would let a rival count a community's orders.
type Keyring struct {
	newest  byte
	secrets map[byte][]byte
	keys    map[byte]cipher.AEAD
}

// NewKeyring takes the 32-byte secrets by id; cursors are sealed with the one called newest.
func NewKeyring(newest byte, secrets map[byte][]byte) (*Keyring, error) {
	k := &Keyring{newest: newest, secrets: secrets, keys: map[byte]cipher.AEAD{}}
	for id, secret := range secrets {
		block, err := aes.NewCipher(secret)
		if err != nil {
			return nil, fmt.Errorf("cursor key %d: %w", id, err)
		}
		if k.keys[id], err = cipher.NewGCM(block); err != nil {
			return nil, fmt.Errorf("cursor key %d: %w", id, err)
		}
	}
	if k.keys[newest] == nil {
		return nil, fmt.Errorf("cursor key %d is not in the ring", newest)
	}
	return k, nil
}

// newestFirst are the keys' ids, the one that seals first.
func (k *Keyring) newestFirst() []byte {
	ids := []byte{k.newest}
	for id := range k.keys {
		if id != k.newest {
			ids = append(ids, id)
		}
	}
	return ids
}

// Seal encrypts a cursor for a purpose, bound to what else must be the same when it is opened. The nonce is drawn from
// what is sealed, so the same position is the same cursor, for everybody and wherever it stands, and no number of
// seals makes a nonce serve two cursors.
func (k *Keyring) Seal(p Purpose, bound string, plain []byte) string {
	aead := k.keys[k.newest]
	out := make([]byte, 1+aead.NonceSize(), 1+aead.NonceSize()+len(plain)+aead.Overhead())
	out[0] = k.newest
	mac := hmac.New(sha256.New, k.secrets[k.newest])
	mac.Write(additional(p, k.newest, bound))
	mac.Write(plain)
	copy(out[1:], mac.Sum(nil))
	out = aead.Seal(out, out[1:], plain, additional(p, k.newest, bound))
	return base64.RawURLEncoding.EncodeToString(out)
}

// Open decrypts a cursor. It reports false for one that was not sealed by us for this purpose and binding.
func (k *Keyring) Open(p Purpose, bound, cursor string) ([]byte, bool) {
	if len(cursor) > 2048 {
		return nil, false
	}
	b, err := decode(cursor)
	if err != nil || len(b) < 1 {
		return nil, false
	}
	aead := k.keys[b[0]]
	if aead == nil || len(b) < 1+aead.NonceSize() {
		return nil, false
	}
	nonce, sealed := b[1:1+aead.NonceSize()], b[1+aead.NonceSize():]
	plain, err := aead.Open(nil, nonce, sealed, additional(p, b[0], bound))
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
