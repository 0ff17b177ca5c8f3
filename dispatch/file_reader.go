package dispatch

import (
	"context"
	"io"

	"baogong/db"
	"baogong/delivery"
)

// fileReader reads a sheet that is kept in parts. It keeps the last parts that it has read.
type fileReader struct {
	ctx   context.Context //nolint:containedctx // io.ReaderAt takes none
	db    *db.DB
	file  *delivery.File
	parts map[int][]byte
	order []int
}

// cachedParts is how many parts of a file are kept: a workbook is read at several places in turn.
const cachedParts = 8

// NewFileReader returns a reader of a sheet, for one goroutine. It reads with the context, and fails with FILE_GONE if the sheet is deleted meanwhile.
func NewFileReader(ctx context.Context, d *db.DB, f *delivery.File) io.ReaderAt {
	return &fileReader{ctx: ctx, db: d, file: f, parts: map[int][]byte{}}
}

// FileGone returns FILE_GONE at fileId for NOT_FOUND, and other errors as they are.
func FileGone(err error) error {
	if delivery.CodeOf(err) == delivery.CodeNotFound {
		return delivery.Refuse(delivery.ReasonFileGone).At("fileId")
	}
	return err
}

// ReadAt reads bytes of the file.
func (r *fileReader) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		if off >= int64(r.file.Bytes) {
			return n, io.EOF
		}
		part, err := r.part(int(off / delivery.FilePartBytes))
		if err != nil {
			return n, err
		}
		at := int(off % delivery.FilePartBytes)
		if at >= len(part) {
			return n, io.ErrUnexpectedEOF
		}
		copied := copy(p[n:], part[at:])
		n, off = n+copied, off+int64(copied)
	}
	return n, nil
}

func (r *fileReader) part(k int) ([]byte, error) {
	if part, kept := r.parts[k]; kept {
		return part, nil
	}
	part, err := r.db.UnscopedFilePart(r.ctx, r.file.ID(), k)
	if err != nil {
		return nil, FileGone(err)
	}
	if len(r.order) == cachedParts {
		delete(r.parts, r.order[0])
		r.order = r.order[1:]
	}
	r.parts[k], r.order = part, append(r.order, k)
	return part, nil
}
