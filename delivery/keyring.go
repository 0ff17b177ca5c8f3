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
	return k.seal(p, bound, plain, "")
}

// seal derives the nonce from the purpose, the text and a salt. With random salts each seal uses a new nonce; a key must not
// use more than 2^32 of them.
func (k *Keyring) seal(p Purpose, bound string, plain []byte, salt string) string {
	r := k.now.Load()
	id := r.order[0]
	with := r.keys[id]
	out := make([]byte, 1+with.seal.NonceSize(), 1+with.seal.NonceSize()+len(plain)+with.seal.Overhead())
	out[0] = id
	mac := hmac.New(sha256.New, with.nonce)
	mac.Write(additional(p, id, bound))
	mac.Write(plain)
	mac.Write([]byte(salt))
	copy(out[1:], mac.Sum(nil))
	out = with.seal.Seal(out, out[1:], plain, additional(p, id, bound))
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
	with := k.now.Load().keys[b[0]]
	if with == nil || len(b) < 1+with.seal.NonceSize() {
		return nil, false
	}
	nonce, sealed := b[1:1+with.seal.NonceSize()], b[1+with.seal.NonceSize():]
	plain, err := with.seal.Open(nil, nonce, sealed, additional(p, b[0], bound))
	return plain, err == nil
}

// derive is a pseudo-random value of a purpose and parts, under each key.
func (k *Keyring) derive(purpose string, from []string) (out [][sha256.Size]byte) {
	r := k.now.Load()
	for _, id := range r.order {
		mac := hmac.New(sha256.New, r.keys[id].derive)
		mac.Write([]byte(purpose))
		for _, part := range from {
			mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
			mac.Write([]byte(part))
		}
		out = append(out, [sha256.Size]byte(mac.Sum(nil)))
	}
	return out
}

func additional(p Purpose, key byte, bound string) []byte {
	return append([]byte{key}, string(p)+"\x00"+bound...)
}
