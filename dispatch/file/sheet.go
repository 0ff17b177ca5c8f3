package file

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of sheets that cannot be kept.
var (
	ReasonUploadEmpty = delivery.NewReason("UPLOAD_EMPTY", delivery.CodeBadUserInput,
		"This file is empty.",
		"文件是空的。")
	ReasonUploadBytes = delivery.NewReason("UPLOAD_BYTES", delivery.CodeBadUserInput,
		"A file may have at most %d MB; please split it.",
		"文件最多 %d MB，请拆分后再上传。")
)

// Receive keeps a sheet for the actor until it is imported, for delivery.FileWaits. It keeps each part as it arrives, so that it needs the
// memory of one part. It is idempotent: the same bytes of the same account give the same file. It fails with UPLOAD_EMPTY and UPLOAD_BYTES,
// with IMPORT_NOT_YOURS, with PURGED or ARCHIVED if the community keeps no files any more, with QUOTA, and with the error of the body.
func (v *Verbs) Receive(ctx context.Context, a delivery.Actor, community int32, mediaType string, body io.Reader) (*delivery.File, error) {
	if refusal := a.CanSendSheets(community); refusal != nil {
		return nil, refusal
	}
	f := delivery.NewSheet(a, community, v.MachineTime())
	f.UUID, f.MediaType = dispatch.NewUUID(), mediaType
	sum := sha256.New()
	err := v.parts(ctx, f, body, sum)
	if err == nil {
		f.Hash = sum.Sum(nil)
		var kept *delivery.File
		kept, err = dispatch.InTx(ctx, v.Engine, func(t *db.Tx) (*delivery.File, error) { return v.keep(ctx, t, a, f, []byte{}) })
		if err == nil && kept.UUID == f.UUID {
			return kept, nil
		}
		if err == nil {
			f, err = kept, v.drop(ctx, f)
			return f, err
		}
	}
	return nil, errors.Join(err, v.drop(context.WithoutCancel(ctx), f))
}

// parts writes the parts of a sheet, and counts and hashes its bytes.
func (v *Verbs) parts(ctx context.Context, f *delivery.File, body io.Reader, sum hash.Hash) error {
	buffer := make([]byte, delivery.FilePartBytes)
	for part := 0; ; part++ {
		n, err := fill(body, buffer)
		if f.Bytes += n; f.Bytes > delivery.MaxSheetBytes {
			return delivery.Refuse(ReasonUploadBytes, delivery.MaxSheetBytes>>20).With(delivery.Details{Limit: delivery.MaxSheetBytes})
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err // before the context, which ends with the connection
		}
		if n > 0 {
			_, _ = sum.Write(buffer[:n]) // never fails
			if err := v.DB.InTx(ctx, func(t *db.Tx) error { return t.InsertFilePart(ctx, f.ID(), part, buffer[:n], f.CreatedAt) }); err != nil {
				return err
			}
		}
		if err != nil {
			if f.Bytes == 0 {
				return delivery.Refuse(ReasonUploadEmpty)
			}
			return nil
		}
	}
}

// fill reads until the buffer is full or the body ends or fails. Unlike io.ReadFull it tells a body that was cut off from one that ended.
func fill(body io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var read int
		read, err = body.Read(buffer[n:])
		n += read
	}
	return n, err
}

// drop deletes the parts of a sheet that is not kept.
func (v *Verbs) drop(ctx context.Context, f *delivery.File) error {
	return v.DB.InTx(ctx, func(t *db.Tx) error { return t.DeleteFileParts(ctx, f.ID()) })
}
