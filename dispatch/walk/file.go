package walk

import (
	"bytes"
	"image"
	"image/png"

	"baogong/delivery"
)

// send sends a photo, of a few that are different.
func (w *Walker) send() *Act {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1+w.rng.IntN(200), 1))); err != nil {
		panic(err) // it is written to memory
	}
	return &Act{By: w.by(choose(w, w.supply...), choose(w, w.duty...), w.commander), Photo: b.Bytes()}
}

// photo returns a photo that the caller has sent, or another's; nil if there is none.
func (w *Walker) photo(by string) *delivery.ID {
	where := "files where attached_at is null order by created_at, id"
	if id, ok := w.team[by]; ok && !w.some(6) {
		where = "files where attached_at is null and by_id = '" + string(id.UUID) + "' order by created_at, id"
	}
	id, ok := w.one(delivery.KindFile, where)
	if !ok {
		return nil
	}
	return &id
}
