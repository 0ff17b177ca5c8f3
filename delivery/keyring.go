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

// Purpose is the use of a sealed cursor. A cursor of one purpose cannot be opened as another.
type Purpose string

// The purposes of cursors.
const (
	PurposeFeed Purpose = "feed"
	PurposePage Purpose = "page"
)

// Keyring seals and opens cursors with AES-256-GCM, and derives issued codes and tokens. The purpose, the key id and the
// binding are the additional data. Cursors are encrypted because positions reveal how many orders a community has. A Keyring
// is safe for concurrent use, including Replace.
type Keyring struct{ now atomic.Pointer[keySet] }

// keySet is the keys by id, the id of the sealing key, and all ids, sealing key first.
type keySet struct {
	keys  map[byte]*key
	order []byte
}

// key is one secret and the keys derived from it.
type key struct {
	seal          cipher.AEAD
	nonce, derive []byte
}

// NewKeyring returns a ring of the 32-byte secrets by id. The key newest seals cursors. It fails if a secret has another
// length or newest is missing.
func NewKeyring(newest byte, secrets map[byte][]byte) (*Keyring, error) {
	r := &keySet{keys: map[byte]*key{}, order: []byte{newest}}
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
		if err != nil { // only for other key lengths
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

// Replace replaces the keys with those of another ring, after a key was added or retired.
func (k *Keyring) Replace(other *Keyring) { k.now.Store(other.now.Load()) }

// Seal encrypts a cursor for a purpose and a binding; both must be the same when it is opened. The nonce is derived from the
// sealed text, so equal positions give equal cursors, and two cursors do not share a nonce however many are sealed.
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

// Open decrypts a cursor. It reports false for a text that was not sealed with one of the keys for this purpose and binding.
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

// derive returns a pseudo-random value of a purpose and parts under each key.
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
