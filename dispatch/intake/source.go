package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/reading"
	"baogong/reading/jielong"
	"baogong/reading/orderfile"
	"baogong/reading/sheet"
)

// ToRead is what an import reads, and the address book that it is read against.
type ToRead struct {
	Import *delivery.Import
	db.ImportSource
	Book *HomeBook

	settled settledTexts // of earlier postings of the list
}

// Entries are the entries of a source, in its own order. Reading the same source again gives the same entries at the same places.
type Entries struct {
	All        iter.Seq2[reading.Entry, error]
	Total      int      // how many there are
	PassedOver int      // rows that are no orders
	Headers    []string // the columns of a file
	Close      func()   // may be nil

	book *HomeBook // that they were read against
}

// read reads the source of an import. It fails with a refusal if the source cannot be read.
func (v *Verbs) read(ctx context.Context, s ToRead) (*Entries, error) {
	if v.Read != nil {
		return v.Read(ctx, s)
	}
	var r io.ReaderAt = strings.NewReader(s.Text)
	size := int64(len(s.Text))
	if s.Import.FileUUID != nil {
		f, err := v.DB.UnscopedFile(ctx, delivery.ID{Kind: delivery.KindFile, Community: s.Import.CommunityID, UUID: *s.Import.FileUUID})
		if err != nil {
			return nil, dispatch.FileGone(err)
		}
		r, size = dispatch.NewFileReader(ctx, v.DB, f), int64(f.Bytes)
	}
	if s.Import.Kind == delivery.ImportJielong {
		return readList(r, size, s)
	}
	return readSheet(r, size, s)
}

// readList reads a list of a chat group.
func readList(r io.ReaderAt, size int64, s ToRead) (*Entries, error) {
	if size > jielong.MaxBytes {
		return nil, delivery.Refuse(jielong.ReasonListTooLong, jielong.MaxBytes>>10)
	}
	text := make([]byte, size)
	if _, err := r.ReadAt(text, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if text = bytes.TrimPrefix(text, []byte("\ufeff")); !utf8.Valid(text) {
		return nil, delivery.Refuse(delivery.ReasonBadText)
	}
	sale := jielong.Sale{Building: s.Book.context(s.Import).Building}
	for _, m := range s.Menu {
		sale.Menu = append(sale.Menu, jielong.Choice{Code: m.Code, Item: m.Item, Aliases: m.Aliases, Unit: m.Unit, PriceFen: m.UnitPriceFen})
	}
	read, err := jielong.Read(string(text), s.Book.Settled(s.settled.doors()), sale)
	for err == nil {
		left := s.settled.without(read.Entries)
		if len(left) == len(s.settled) {
			break
		}
		s.settled = left
		read, err = jielong.Read(string(text), s.Book.Settled(left.doors()), sale)
	}
	if err != nil {
		return nil, err
	}
	return &Entries{Total: len(read.Entries), PassedOver: len(read.Skipped), All: func(yield func(reading.Entry, error) bool) {
		for _, e := range read.Entries {
			if !yield(e, nil) {
				return
			}
		}
	}}, nil
}

// readSheet reads a file of orders.
func readSheet(r io.ReaderAt, size int64, s ToRead) (*Entries, error) {
	f, err := sheet.Open(s.Import.Name, r, size)
	if err != nil {
		return nil, err
	}
	orders, err := orderfile.Read(f, s.Book.Book, orderfile.Options{Building: s.Book.context(s.Import).Building})
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &Entries{Total: orders.Len(), PassedOver: orders.Counted, Headers: orders.Headers, All: orders.Entries(), Close: func() { _ = f.Close() }}, nil
}
