package delivery_test

import (
	"bytes"
	"strings"
	"testing"

	"baogong/delivery"
)

func FuzzParseID(f *testing.F) {
	const uuid = delivery.UUID("01970f5e-8c00-7a11-9b2c-3d4e5f607182")
	for _, s := range []string{"", "AQ", "AQEAAAAB", "AQEAAAAB=", "AQEAAAA\n", "AQEAAA\rAB", strings.Repeat("A", 41), "\xff\xfe",
		delivery.ID{Kind: delivery.KindCommunity, Community: 7}.String(), delivery.ID{Kind: delivery.KindOrder, Community: 7, UUID: uuid}.String(),
		delivery.ID{Kind: delivery.KindCommunity, Community: 7, UUID: uuid}.String(), delivery.ID{Kind: 200, Community: -1, UUID: uuid}.String()} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := delivery.ParseID(s)
		if err != nil {
			if delivery.CodeOf(err) != delivery.CodeBadUserInput {
				t.Fatalf("got %v, want BAD_USER_INPUT", err)
			}
			if id != (delivery.ID{}) {
				t.Fatalf("got %+v beside a refusal", id)
			}
			return
		}
		if id.String() != s {
			t.Fatalf("%q names the same as %q", s, id)
		}
		if id.Community < 0 || (id.Kind == delivery.KindCommunity) != (id.UUID == "") || id.Kind.String() == "unknown" {
			t.Fatalf("got %+v", id)
		}
	})
}

func FuzzSplitSecret(f *testing.F) {
	for _, s := range []string{"", "7K2QM-0XH4D-R9TAE-5WBNC", "7k2qm 0xh4d r9tae 5wbnc", "OIL00-11111-00000-00000", "7K2QM\u30000XH4DR9TAE5WBNC", "7K2QM-0XH4D-R9TAE-5WBNU",
		"7K2QM-0XH4D-R9TAE-5WBN", strings.Repeat("-", 81), "\xff7K2QM0XH4DR9TAE5WBNC", "ſK2QM0XH4DR9TAE5WBNC", "ıK2QM0XH4DR9TAE5WBNC", delivery.NewSecret()} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		selector, hash, ok := delivery.SplitSecret(typed)
		if !ok {
			if selector != "" || hash != [32]byte{} {
				t.Fatalf("got %q beside a refusal", selector)
			}
			return
		}
		if len(selector) != 6 || strings.Trim(selector, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
			t.Fatalf("got the selector %q", selector)
		}
		// Each way of typing gives the same code.
		for _, again := range []string{strings.ToLower(typed), " " + strings.ReplaceAll(typed, "-", ""), strings.NewReplacer("0", "O", "1", "l").Replace(typed)} {
			if s, h, ok := delivery.SplitSecret(again); len(again) <= 80 && (!ok || s != selector || h != hash) {
				t.Fatalf("%q is not the code that %q is", again, typed)
			}
		}
	})
}

func fuzzRing(f *testing.F) *delivery.Keyring {
	f.Helper()
	k, err := delivery.NewKeyring(2, map[byte][]byte{1: bytes.Repeat([]byte{1}, 32), 2: bytes.Repeat([]byte{2}, 32)})
	if err != nil {
		f.Fatal(err)
	}
	return k
}

func FuzzFeedCursor(f *testing.F) {
	k := fuzzRing(f)
	sealed := k.FeedCursor(delivery.Position{Community: 7, Epoch: 1 << 63, Seq: 42})
	for _, s := range []string{"", "Ag", sealed, sealed[:len(sealed)-1], sealed + "A", sealed + "\n", "A" + sealed[1:], strings.Repeat("A", 2049), k.Seal(delivery.PurposeFeed, "", []byte("short")),
		k.Seal(delivery.PurposePage, "orders", make([]byte, 20))} {
		f.Add(s, int32(7), uint64(1<<63), int64(42))
	}
	f.Fuzz(func(t *testing.T, s string, community int32, epoch uint64, seq int64) {
		at := delivery.Position{Community: community, Epoch: epoch, Seq: seq}
		c := k.FeedCursor(at)
		if got, err := k.ParseFeedCursor(c); err != nil || got != at {
			t.Fatalf("got %+v, %v, want %+v", got, err, at)
		}
		if b, ok := k.Open(delivery.PurposePage, "", c); ok {
			t.Fatalf("a page opens a feed's cursor: %q", b)
		}
		// A text that opens is the one that Seal gives.
		if got, err := k.ParseFeedCursor(s); err == nil && k.FeedCursor(got) != s {
			t.Fatalf("opened %q, which was never sealed, as %+v", s, got)
		} else if err != nil && delivery.CodeOf(err) != delivery.CodeBadUserInput {
			t.Fatalf("got %v, want BAD_USER_INPUT", err)
		}
	})
}

func FuzzPageCursor(f *testing.F) {
	k := fuzzRing(f)
	sealed := k.Seal(delivery.PurposePage, "orders", []byte("key"))
	for _, s := range []string{"", "Ag", sealed, sealed[:len(sealed)-1], sealed + "A", sealed[:9] + "\r\n" + sealed[9:], k.FeedCursor(delivery.Position{Community: 7, Seq: 42})} {
		f.Add(s, "orders", []byte("key"))
	}
	f.Add(sealed, "orders\x00", []byte{})
	f.Fuzz(func(t *testing.T, s, bound string, plain []byte) {
		c := k.Seal(delivery.PurposePage, bound, plain)
		b, ok := k.Open(delivery.PurposePage, bound, c)
		if len(c) > 2048 {
			if ok {
				t.Fatal("opened a cursor longer than any of ours")
			}
			return
		}
		if !ok || !bytes.Equal(b, plain) {
			t.Fatalf("got %q, %t, want %q", b, ok, plain)
		}
		if b, ok := k.Open(delivery.PurposePage, bound+"x", c); ok {
			t.Fatalf("another list opens the cursor: %q", b)
		}
		if got, err := k.ParseFeedCursor(c); err == nil {
			t.Fatalf("a feed opens a page's cursor: %+v", got)
		}
		if b, ok := k.Open(delivery.PurposePage, bound, s); ok && k.Seal(delivery.PurposePage, bound, b) != s {
			t.Fatalf("opened %q, which was never sealed", s)
		}
	})
}
