package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"baogong/delivery"
)

// Bounds of the parts of a workbook that excelize holds in memory. A part of a few KB can unpack to millions of elements, each of which costs
// many times its bytes, or to one text of all that may be unpacked.
const (
	maxMarkup       = 1 << 20      // bytes from one < to the next: a tag, or a text; a cell has at most 32,767 characters
	maxTreeElements = 500_000      // of a part that is held as a tree, such as the styles
	maxHeld         = 4 * MaxCells // cells of a workbook with the empty ones before the last of a row, and those in merged ranges
)

// checkParts refuses a workbook whose parts would take much more memory than their bytes. It looks at the marks of the XML only, which is much
// faster than to read it.
func checkParts(z *zip.Reader) error {
	for _, part := range z.File {
		name := partName(part.Name)
		if ending := path.Ext(name); ending != ".xml" && ending != ".rels" {
			continue
		}
		elements, texts := maxTreeElements, -1
		switch {
		case strings.HasPrefix(name, "xl/worksheets/") && path.Ext(name) == ".xml":
			elements = maxXMLElements
		case path.Base(name) == "sharedstrings.xml":
			elements, texts = maxXMLElements, MaxCells
		}
		if err := checkPart(part, elements, texts); err != nil {
			return err
		}
	}
	return nil
}

// checkPart refuses a part that has more elements, or more shared texts, than the bounds. texts < 0: it has none.
func checkPart(part *zip.File, elements, texts int) error {
	in, err := part.Open()
	if err != nil {
		return delivery.Refuse(ReasonSheetBroken)
	}
	defer in.Close()
	run, marks, shared := 0, 0, 0
	buf := make([]byte, 64<<10)
	kept := 0 // of the block before, so that <si is found where two blocks meet
	for {
		n, err := in.Read(buf[kept:])
		block := buf[:kept+n]
		if texts >= 0 {
			shared += bytes.Count(block, []byte("<si"))
		}
		for rest := block[kept:]; len(rest) > 0; {
			at := bytes.IndexByte(rest, '<')
			if at < 0 {
				run += len(rest)
				break
			}
			if run += at; run > maxMarkup {
				break
			}
			marks, run, rest = marks+1, 0, rest[at+1:]
		}
		switch {
		case run > maxMarkup:
			return delivery.Refuse(ReasonSheetBroken)
		case marks > 2*elements, texts >= 0 && shared > texts: // most elements have two tags
			return delivery.Refuse(ReasonSheetCells, MaxCells)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return delivery.Refuse(ReasonSheetBroken)
		}
		kept = copy(buf, block[max(0, len(block)-2):])
	}
}
