package delivery_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"baogong/delivery"
)

func TestCursors(t *testing.T) {
	t.Parallel()
	secrets := map[byte][]byte{1: bytes.Repeat([]byte{1}, 32), 2: bytes.Repeat([]byte{2}, 32)}
	ring := func(newest byte, ids ...byte) *delivery.Keyring {
		of := map[byte][]byte{}
		for _, id := range ids {
			of[id] = secrets[id]
		}
		k, err := delivery.NewKeyring(newest, of)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	old, both, fresh := ring(1, 1), ring(2, 1, 2), ring(2, 2)
	at := delivery.Position{Community: 7, Epoch: 1 << 63, Seq: 42}
	t.Run("open with the key they were sealed with, while it is in the ring", func(t *testing.T) {
		t.Parallel()
		c := old.FeedCursor(at)
		if got, err := both.ParseFeedCursor(c); err != nil || got != at {
			t.Errorf("got %+v, %v", got, err)
		}
		if _, err := fresh.ParseFeedCursor(c); delivery.CodeOf(err) != delivery.CodeBadUserInput {
			t.Errorf("without the key: got %v", err)
		}
		if again := both.FeedCursor(at); again == c {
			t.Error("two cursors of one position are the same: a caller could count")
		}
	})
	t.Run("serve only what they were made for", func(t *testing.T) {
		t.Parallel()
		c := both.Seal(delivery.PurposePage, "orders", []byte("key"))
		for name, open := range map[string]func() ([]byte, bool){
			"another list":    func() ([]byte, bool) { return both.Open(delivery.PurposePage, "units", c) },
			"another purpose": func() ([]byte, bool) { return both.Open(delivery.PurposeFeed, "orders", c) },
		} {
			if b, ok := open(); ok {
				t.Errorf("%s: opened %q", name, b)
			}
		}
		if b, ok := both.Open(delivery.PurposePage, "orders", c); !ok || string(b) != "key" {
			t.Errorf("got %q, %t", b, ok)
		}
		if _, err := both.ParseFeedCursor(both.Seal(delivery.PurposeFeed, "", []byte("short"))); err == nil {
			t.Error("read a position from five bytes")
		}
	})
	t.Run("cannot be made up or changed", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			c := []byte(both.FeedCursor(at))
			i := rapid.IntRange(0, len(c)-1).Draw(t, "at")
			was := c[i]
			if c[i] = rapid.Byte().Draw(t, "byte"); c[i] == was {
				return
			}
			if got, err := both.ParseFeedCursor(string(c)); err == nil {
				t.Fatalf("got %+v from a changed cursor", got)
			}
			if _, err := both.ParseFeedCursor(rapid.String().Draw(t, "made up")); err == nil {
				t.Fatal("opened a cursor that was made up")
			}
		})
	})
	t.Run("need a ring with its newest key and whole secrets", func(t *testing.T) {
		t.Parallel()
		if _, err := delivery.NewKeyring(3, secrets); err == nil {
			t.Error("got a ring without its newest key")
		}
		if _, err := delivery.NewKeyring(1, map[byte][]byte{1: {1, 2, 3}}); err == nil {
			t.Error("got a ring with a secret of three bytes")
		}
	})
}
