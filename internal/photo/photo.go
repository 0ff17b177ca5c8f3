// Package photo checks pictures that people send and removes their metadata: where and when a picture was taken, with what, and
// by whom. It copies the compressed picture as it is and decodes nothing, so the pixels stay the same.
//
// It reads hostile input. It allocates no more than one copy of the picture, and its work grows with the picture's length.
package photo

import (
	"bytes"
	"errors"
)

// The media types of pictures.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
	WebP = "image/webp"
)

// MaxSide is the most pixels of a picture's width, and of its height.
const MaxSide = 12_000

// The reasons for which Clean refuses a picture.
var (
	ErrMalformed = errors.New("photo: malformed")
	ErrAnimated  = errors.New("photo: animated")
	ErrTooLarge  = errors.New("photo: more than MaxSide pixels wide or high")
)

// Picture is a picture without metadata.
type Picture struct {
	Data          []byte
	Width, Height int
}

// Type returns the media type of data by its first bytes, or "" if it is none of the three.
func Type(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xd8, 0xff}):
		return JPEG
	case bytes.HasPrefix(data, []byte(pngSignature)):
		return PNG
	case len(data) >= riffHeader && string(data[:4]) == "RIFF" && string(data[8:riffHeader]) == "WEBP":
		return WebP
	}
	return ""
}

// Clean returns the picture without metadata, and without the bytes after its end. What a decoder needs stays: sizes, tables,
// the compressed picture, colour profiles, and the orientation if the picture is to be turned. It fails with ErrMalformed,
// ErrAnimated or ErrTooLarge, and leaves data unchanged.
func Clean(data []byte) (Picture, error) {
	var p Picture
	var err error
	switch Type(data) {
	case JPEG:
		p, err = cleanJPEG(data)
	case PNG:
		p, err = cleanPNG(data)
	case WebP:
		p, err = cleanWebP(data)
	default:
		return Picture{}, ErrMalformed
	}
	if err != nil {
		return Picture{}, err
	}
	return p, nil
}

// checkSides refuses a picture without pixels and one with too many.
func checkSides(width, height int) error {
	switch {
	case width < 1 || height < 1:
		return ErrMalformed
	case width > MaxSide || height > MaxSide:
		return ErrTooLarge
	}
	return nil
}
