package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"baogong/delivery"
	"baogong/server/answer"
	"baogong/server/limit"
	"baogong/server/wire"
)

// putSheet answers PUT /files whose body is a table or a list to import. It is kept part by part as it arrives, so that it needs the memory of a
// part, and it is paid for while it arrives: a caller who cannot pay at once waits. Callers without a right to import are refused before the
// body is read.
func (s *Server) putSheet(w http.ResponseWriter, r *http.Request, ctx context.Context, session Session, kind string) { //nolint:revive // the session's context
	if err := checkCoding(w, r.Header); err != nil {
		s.refuse(w, r, err)
		return
	}
	community, err := s.opt.Files.SheetCommunity(session.Actor, r.URL.Query().Get("communityId"))
	if err != nil {
		s.refuseFile(w, r, err)
		return
	}
	if r.ContentLength > delivery.MaxSheetBytes { // before the client sends it, if it expects 100-continue
		s.refuse(w, r, refused(http.StatusRequestEntityTooLarge, wire.ReasonTooLarge, int64(delivery.MaxSheetBytes)))
		return
	}
	if !s.fileUploads.Take(session.Account) {
		s.refuse(w, r, refused(http.StatusTooManyRequests, reasonTooManyUploads, s.fileUploads.Limit))
		return
	}
	defer s.fileUploads.Give(session.Account)
	client := limit.Client{Account: session.Account, Address: s.address(r)}
	held := new(limit.NewReservation(&s.fileBytes, client.Address))
	defer held.Release()
	if !held.Grow(2 * delivery.FilePartBytes) {
		s.refuse(w, r, refused(http.StatusTooManyRequests, wire.ReasonTooMuchAtOnce))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.opt.Limits.ExportTimeout)
	defer cancel()
	control := http.NewResponseController(w)
	body := &sheetBody{from: http.MaxBytesReader(w, r.Body, delivery.MaxSheetBytes+1), deadline: func(more bool) error {
		if !more {
			return control.SetReadDeadline(time.Time{}) // one that passed would cancel the request
		}
		return control.SetReadDeadline(s.now().Add(s.opt.Limits.WriteTimeout))
	}, pay: func(n int) error {
		for {
			wait := s.rates.ChargeReading(client, n/fileBytesPerPoint)
			if wait == 0 {
				break
			}
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		l := s.opt.Limits
		return control.SetWriteDeadline(s.now().Add(l.FileTimeout + l.RequestTimeout + l.WriteTimeout))
	}}
	f, err := s.opt.Files.Receive(ctx, session.Actor, community, kind, body)
	switch { // net/http reads the rest of a body before it sends the refusal, within the deadline
	case errors.Is(err, errBodyCut):
		s.refuse(w, r, refused(http.StatusBadRequest, answer.ReasonBadBody, bodyCutShort))
		return
	case err != nil:
		s.refuseFile(w, r, err)
		return
	}
	text, err := json.Marshal(kept{f.ID(), f.MediaType, f.Bytes, f.ExpiresAt.UTC()})
	if err != nil {
		s.refuseFile(w, r, err)
		return
	}
	s.write(w, typeJSON, http.StatusCreated, text)
}

// errBodyCut is the error of a body that did not arrive whole.
var errBodyCut = errors.New("the body did not arrive whole")

// sheetBody is the body of a sheet. It is paid for part by part, and each limit.Step of it has a deadline of its own.
type sheetBody struct {
	from     io.Reader
	pay      func(bytes int) error
	deadline func(more bool) error // sets that of the next step, or none after the end
	left     int                   // bytes that are paid for
	step     int                   // bytes before the deadline is set again
}

// Read reads a part of the body.
func (b *sheetBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		if err := b.pay(delivery.FilePartBytes); err != nil {
			return 0, err
		}
		b.left, b.step = delivery.FilePartBytes, 0
	}
	if b.step <= 0 {
		if err := b.deadline(true); err != nil {
			return 0, err
		}
		b.step = limit.Step
	}
	n, err := b.from.Read(p[:min(len(p), b.left)])
	b.left, b.step = b.left-n, b.step-n
	if err == io.EOF { //nolint:errorlint // as Reader says it
		_ = b.deadline(false)
	}
	if err != nil && err != io.EOF { //nolint:errorlint // as Reader says it
		if _, large := errors.AsType[*http.MaxBytesError](err); !large {
			err = errors.Join(errBodyCut, err)
		}
	}
	return n, err
}
