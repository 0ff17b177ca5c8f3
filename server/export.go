package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"baogong/delivery"
	"baogong/dispatch/export"
	"baogong/server/limit"
)

// Exports writes tables of what an actor sees.
type Exports interface {
	// Begin records an export before its first byte. It fails with a refusal if the actor may not export that.
	Begin(ctx context.Context, a delivery.Actor, r export.TableRequest) (*export.Download, error)
	// Write writes the table, and calls pay before each page of rows.
	Write(ctx context.Context, d *export.Download, w io.Writer, pay func(rows int) error) (rows int, err error)
	// End records how many rows were sent, and whether these are all.
	End(ctx context.Context, d *export.Download, rows int, whole bool) error
}

// The refusals of requests for tables.
var (
	reasonExportMethod = delivery.NewReason("EXPORT_METHOD", delivery.CodeBadUserInput,
		"Ask for a table by GET.",
		"请用 GET 导出表格。")
	reasonNoSuchTable = delivery.NewReason("NO_SUCH_TABLE", delivery.CodeNotFound,
		"Orders, households, volunteers, incidents, daily reports, the numbers of the needs analysis, the waiting rows of an import and the texts of a notice can be exported, as CSV and XLSX.",
		"可以导出订单、住户、队员、异常、日报、需求分析、导入中待处理的行和通知短信，格式为 CSV 或 XLSX。")
	reasonContacts = delivery.NewReason("CONTACTS_WHOLE", delivery.CodeBadUserInput,
		"`contacts` must be `whole` or left out; without it, names and telephone numbers are masked.",
		"此处只能要求完整的联系方式，或者不填；不填时姓名和电话会隐去一部分。")
	reasonTooManyExports = delivery.NewReason("TOO_MANY_EXPORTS", delivery.CodeRateLimited,
		"You are downloading another table, or too many other callers are; please try again later.",
		"您已有一个表格正在导出，或同时导出的人太多，请稍后再试。")
)

// exportPointsPerRow is the price of a row of an export, in the points of Limits.Complexity: about what it costs in a list, and to write it.
const exportPointsPerRow = 10

// exportPoints is what an export costs before its first row: a page of rows, or what its query costs if that is more.
func exportPoints(noun delivery.ExportNoun) int {
	switch noun {
	case delivery.ExportForecast, delivery.ExportScores, delivery.ExportUnmet, delivery.ExportSoldOut, delivery.ExportHands:
		return 4750
	default:
		return exportPointsPerRow * delivery.MaxPage
	}
}

// exportTypes are the media types of the formats.
var exportTypes = map[delivery.ExportFormat]string{
	delivery.ExportCSV:  "text/csv; charset=utf-8",
	delivery.ExportXLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// exportTable answers GET /exports/orders.csv and its like with a table of the community that the query names as communityId, or the caller's own, and
// GET /imports/{id}/rows.csv with the rows of an import that wait or were refused.
// With contacts=whole and a reason households have whole names and phones, for the few who may. The rows are read page by page, and the caller
// pays for each page; a caller who cannot pay at once waits. A table that breaks off ends the connection, so that it is not taken for whole.
func (s *Server) exportTable(w http.ResponseWriter, r *http.Request) {
	session, ctx, done, ok := s.admitToFiles(w, r, reasonExportMethod, http.MethodGet)
	if !ok {
		return
	}
	defer done()
	request, ok := exportRequest(r)
	if !ok {
		s.refuse(w, r, refused(http.StatusNotFound, reasonNoSuchTable))
		return
	}
	if c := r.URL.Query().Get("contacts"); c != "" && c != "whole" {
		s.refuseFile(w, r, delivery.Refuse(reasonContacts).At("contacts"))
		return
	}
	if !s.exports.Take(session.Account) {
		s.refuse(w, r, refused(http.StatusTooManyRequests, reasonTooManyExports))
		return
	}
	defer s.exports.Give(session.Account)
	ctx, cancel := context.WithTimeout(ctx, s.opt.Limits.ExportTimeout)
	defer cancel()
	client := limit.Client{Account: session.Account, Address: s.address(r)}
	if wait := s.rates.ChargeReading(client, exportPoints(request.Noun)); wait > 0 {
		s.answerErrors(w, typeResult, s.answers.TooFast(s.opt.Schema.WithLocale(r.Context(), locale(r)), wait))
		return
	}
	download, err := s.opt.Exports.Begin(ctx, session.Actor, request)
	if err != nil {
		s.refuseFile(w, r, err)
		return
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // one that passed would cancel the request
	paid := true                             // the first page
	pay := func(rows int) error {
		for !paid {
			wait := s.rates.ChargeReading(client, exportPointsPerRow*rows)
			if wait == 0 {
				break
			}
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		paid = false
		return control.SetWriteDeadline(s.now().Add(s.opt.Limits.FileTimeout))
	}
	out := &exportWriter{w: w, begin: func() {
		h := w.Header()
		h.Set("Content-Type", exportTypes[request.Format])
		h.Set("Content-Disposition", `attachment; filename="`+r.PathValue("table")+`"`)
		w.WriteHeader(http.StatusOK)
	}}
	rows, err := s.opt.Exports.Write(ctx, download, out, pay)
	s.opt.Log.Info("export", "noun", download.Noun, "format", download.Format, "contacts", download.Contacts, "rows", rows, "whole", err == nil, "by", download.By().Key())
	ended, stop := context.WithTimeout(context.WithoutCancel(ctx), s.opt.Limits.RequestTimeout)
	defer stop()
	if recorded := s.opt.Exports.End(ended, download, rows, err == nil); recorded != nil {
		err = errors.Join(err, recorded)
	}
	switch {
	case err == nil:
	case !out.begun:
		s.refuseFile(w, r, err)
	case delivery.AsError(err) == nil && r.Context().Err() == nil:
		s.answers.Present(ctx, err) // logs it
		fallthrough
	default:
		panic(http.ErrAbortHandler)
	}
}

// exportRequest reads what is to be exported.
func exportRequest(r *http.Request) (export.TableRequest, bool) {
	name, ending, _ := strings.Cut(r.PathValue("table"), ".")
	q := r.URL.Query()
	out := export.TableRequest{Community: q.Get("communityId"), Notice: q.Get("noticeId"), From: q.Get("from"), Until: q.Get("until"),
		Kind: q.Get("kind"), Day: q.Get("day"), Window: q.Get("windowId"), Share: q.Get("reserveShare"),
		Contacts: q.Get("contacts") == "whole", Reason: q.Get("reason"), Locale: locale(r)}
	if out.Import = r.PathValue("id"); out.Import != "" {
		if name == "rows" {
			out.Noun = delivery.ExportImportRows
		}
	} else {
		for _, noun := range delivery.ExportNouns {
			if name == strings.ToLower(string(noun)) && noun != delivery.ExportImportRows {
				out.Noun = noun
			}
		}
	}
	for _, format := range delivery.ExportFormats {
		if ending == strings.ToLower(string(format)) {
			out.Format = format
		}
	}
	return out, out.Noun != "" && out.Format != ""
}

// exportWriter begins the answer with the first byte of the table, so that a table that fails before is refused with a sentence.
type exportWriter struct {
	w     http.ResponseWriter
	begin func()
	begun bool
}

func (e *exportWriter) Write(b []byte) (int, error) {
	if !e.begun {
		e.begun = true
		e.begin()
	}
	return e.w.Write(b)
}
