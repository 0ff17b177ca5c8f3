package server

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"baogong/delivery"
	"baogong/server/limit"
	"baogong/server/wire"
)

// Files keeps the photos that people send, and returns them to the callers who may see them.
type Files interface {
	// Community returns the community to which the actor sends a file: the one with the id or, with "", the actor's own. It fails
	// with a refusal if the actor may not send files there.
	Community(a delivery.Actor, id string) (int32, error)
	// SheetCommunity returns the community to which the actor sends a sheet, as Community does.
	SheetCommunity(a delivery.Actor, id string) (int32, error)
	// Receive keeps a sheet as it arrives.
	Receive(ctx context.Context, a delivery.Actor, community int32, mediaType string, body io.Reader) (*delivery.File, error)
	// Keep cleans a photo and keeps it.
	Keep(ctx context.Context, a delivery.Actor, community int32, mediaType string, data []byte) (*delivery.File, error)
	// Find returns a file that the actor may see.
	Find(ctx context.Context, a delivery.Actor, id string) (*delivery.File, error)
	// Read returns the bytes of a file that Find found.
	Read(ctx context.Context, f *delivery.File) ([]byte, error)
}

// The refusals of requests for files.
var (
	reasonPutMethod = delivery.NewReason("PUT_METHOD", delivery.CodeBadUserInput,
		"Send a file by PUT.",
		"请用 PUT 上传文件。")
	reasonGetMethod = delivery.NewReason("GET_METHOD", delivery.CodeBadUserInput,
		"Ask for a photo by GET.",
		"请用 GET 获取照片。")
	reasonNoBody = delivery.NewReason("NO_BODY", delivery.CodeBadUserInput,
		"Send no body with GET.",
		"GET 请求不能带内容。")
	reasonTooManyUploads = delivery.NewReason("TOO_MANY_UPLOADS", delivery.CodeRateLimited,
		"You are sending %d files at once, which is the most allowed; please wait until one has arrived.",
		"您正在同时上传 %d 个文件，已达上限，请等其中一个传完。")
)

// fileBytesPerPoint is the price of receiving or sending a file, in the points of Limits.Complexity: 5 MB cost 5,000.
const fileBytesPerPoint = 1 << 10

// kept is the answer to PUT /files.
type kept struct {
	ID        delivery.ID `json:"id"`
	MediaType string      `json:"mediaType"`
	Bytes     int         `json:"bytes"`
	ExpiresAt time.Time   `json:"expiresAt"`
}

// putFile answers PUT /files: the body is a photo, for the community that the query names as communityId or the caller's own. Who
// calls is looked up before the body is read.
func (s *Server) putFile(w http.ResponseWriter, r *http.Request) {
	session, ctx, done, ok := s.admitToFiles(w, r, reasonPutMethod, http.MethodPut)
	if !ok {
		return
	}
	defer done()
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	if kind, ok := delivery.SheetType(kind); ok {
		s.putSheet(w, r, ctx, session, kind)
		return
	}
	if refusal := delivery.CheckFileType(kind); refusal != nil {
		s.refuseFile(w, r, refusal)
		return
	}
	if err := checkCoding(w, r.Header); err != nil {
		s.refuse(w, r, err)
		return
	}
	community, err := s.opt.Files.Community(session.Actor, r.URL.Query().Get("communityId"))
	if err != nil {
		s.refuseFile(w, r, err)
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
	control, l := http.NewResponseController(w), s.opt.Limits
	_ = control.SetWriteDeadline(s.now().Add(l.FileTimeout + l.RequestTimeout + l.WriteTimeout))
	data, err := s.receive(w, r, held, delivery.MaxFileBytes, l.FileTimeout)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	_ = control.SetReadDeadline(time.Time{}) // one that passed would cancel the request
	if !s.payForFile(w, r, client, len(data)) {
		return
	}
	var f *delivery.File
	err = s.workOnFile(ctx, func(ctx context.Context) (err error) {
		f, err = s.opt.Files.Keep(ctx, session.Actor, community, kind, data)
		return err
	})
	if err != nil {
		s.refuseFile(w, r, err)
		return
	}
	body, err := json.Marshal(kept{f.ID(), f.MediaType, f.Bytes, f.ExpiresAt.UTC()})
	if err != nil {
		s.refuseFile(w, r, err)
		return
	}
	w.Header().Set("Location", s.opt.Root+"/files/"+f.ID().String())
	s.write(w, typeJSON, http.StatusCreated, body)
}

// getFile answers GET /files/{id} with the photo, for the people who may see it.
func (s *Server) getFile(w http.ResponseWriter, r *http.Request) {
	session, ctx, done, ok := s.admitToFiles(w, r, reasonGetMethod, http.MethodGet, http.MethodHead)
	if !ok {
		return
	}
	defer done()
	f, err := s.opt.Files.Find(ctx, session.Actor, r.PathValue("id"))
	if err != nil {
		s.refuseFile(w, r, err)
		return
	}
	client := limit.Client{Account: session.Account, Address: s.address(r)}
	held := new(limit.NewReservation(&s.fileBytes, client.Address))
	defer held.Release()
	if !held.Grow(f.Bytes) {
		s.refuse(w, r, refused(http.StatusTooManyRequests, wire.ReasonTooMuchAtOnce))
		return
	}
	if !s.payForFile(w, r, client, f.Bytes) {
		return
	}
	var data []byte
	if r.Method == http.MethodGet {
		err = s.workOnFile(ctx, func(ctx context.Context) (err error) {
			data, err = s.opt.Files.Read(ctx, f)
			return err
		})
	}
	if err != nil {
		s.refuseFile(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Length", strconv.Itoa(f.Bytes))
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	_ = http.NewResponseController(w).SetWriteDeadline(s.now().Add(s.opt.Limits.FileTimeout))
	answerWith(w, http.StatusOK, data)
}

// admitToFiles admits the caller of a request for files, or refuses the request and returns false. The context ends with the session.
func (s *Server) admitToFiles(w http.ResponseWriter, r *http.Request, wrong delivery.Reason, methods ...string) (Session, context.Context, context.CancelFunc, bool) {
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Add("Vary", "Accept-Language, Authorization")
	address := s.address(r)
	switch {
	case !s.fromHere(r):
		s.refuse(w, r, foreign())
		return Session{}, nil, nil, false
	case !slices.Contains(methods, r.Method):
		for _, method := range methods {
			h.Add("Allow", method)
		}
		s.refuse(w, r, refused(http.StatusMethodNotAllowed, wrong))
		return Session{}, nil, nil, false
	case r.Method != http.MethodPut && r.ContentLength != 0: // net/http would wait for it before it sends the answer
		s.refuse(w, r, refused(http.StatusBadRequest, reasonNoBody))
		return Session{}, nil, nil, false
	}
	wait := s.rates.EnterAddress(address)
	if wait > 0 {
		s.answerErrors(w, typeResult, s.answers.TooFast(s.opt.Schema.WithLocale(r.Context(), locale(r)), wait))
		return Session{}, nil, nil, false
	}
	ctx, session, done, err := s.admitRequest(r, s.now().Add(s.opt.Limits.RequestTimeout))
	if err == nil && !session.Actor.SignedIn() {
		err = refused(http.StatusUnauthorized, delivery.ReasonSignIn)
	}
	if err != nil {
		done()
		s.refuse(w, r, err)
		return Session{}, nil, nil, false
	}
	if wait := s.rates.EnterAccount(limit.Client{Account: session.Account}); wait > 0 {
		done()
		s.answerErrors(w, typeResult, s.answers.TooFast(ctx, wait))
		return Session{}, nil, nil, false
	}
	return session, ctx, done, true
}

// payForFile takes the price of a file's bytes from the client's buckets, or refuses the request and returns false.
func (s *Server) payForFile(w http.ResponseWriter, r *http.Request, client limit.Client, bytes int) bool {
	wait := s.rates.ChargeReading(client, bytes/fileBytesPerPoint)
	if wait > 0 {
		s.answerErrors(w, typeResult, s.answers.TooFast(s.opt.Schema.WithLocale(r.Context(), locale(r)), wait))
	}
	return wait == 0
}

// workOnFile does work that needs several times a file's bytes in memory, a few files at once. It fails with UNAVAILABLE if that
// takes longer than RequestTimeout.
func (s *Server) workOnFile(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.opt.Limits.RequestTimeout)
	defer cancel()
	select {
	case s.fileWork <- struct{}{}:
	case <-ctx.Done():
		return delivery.Refuse(delivery.ReasonUnavailable)
	}
	defer func() { <-s.fileWork }()
	return work(ctx)
}

// refuseFile answers with an error of Files.
func (s *Server) refuseFile(w http.ResponseWriter, r *http.Request, err error) {
	refusal := delivery.AsError(err)
	if refusal == nil {
		s.refuse(w, r, err)
		return
	}
	status := statusOf(refusal.Code())
	switch {
	case refusal.Reason == delivery.ReasonImageType:
		status = http.StatusUnsupportedMediaType
	case refusal.Code() == delivery.CodeNotFound:
		status = http.StatusNotFound
	case refusal.Code() == delivery.CodeConflict:
		status = http.StatusConflict
	}
	s.refuse(w, r, &failure{status: status, err: err})
}
