package demo

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"

	"baogong/delivery"
	"baogong/dispatch/round"
)

// misheard stands for a code that the volunteer misheard.
const misheard = "?"

// Of so many doors, one is proved by a photo, one by the count of its unit, and one by the household's code although the volunteer's word would
// do. For medicine, chance decides between these and the household's own confirmation.
const (
	onePhoto    = 25
	oneCounted  = 30
	oneCode     = 40
	oneMisheard = 15 // of so many codes
)

// proofs chooses how each door is proved.
func (e *Simulation) proofs(ctx context.Context, a delivery.Actor, doors []door) (in round.HandOverInput, err error) {
	for _, d := range doors {
		next := &round.HandOverDoorInput{OrderIds: d.ids(), Proof: e.proof(d)}
		for _, o := range d {
			if o.Channel == delivery.ChannelErrand {
				next.Answer, next.DocumentsReturned = "药已取，医保卡已还", true
			}
		}
		if next.Proof == delivery.ProofCode && e.random.IntN(oneMisheard) == 0 {
			next.Code = misheard
		}
		if next.Proof == delivery.ProofPhoto {
			if next.PhotoID, err = e.photo(ctx, a); err != nil {
				return in, err
			}
		}
		if next.Proof == delivery.ProofResident {
			if err := e.confirm(ctx, d); err != nil {
				return in, err
			}
		}
		in.Doors = append(in.Doors, next)
	}
	in.Doors, err = e.codes(ctx, in.Doors)
	return in, err
}

func (e *Simulation) proof(d door) delivery.ProofKind {
	for _, o := range d {
		if o.CheckProof(delivery.ProofAttested, delivery.ProofKinds) == nil {
			continue
		}
		switch n := e.random.IntN(10); {
		case n < 7:
			return delivery.ProofCode
		case n < 9:
			return delivery.ProofPhoto
		}
		return delivery.ProofResident
	}
	switch {
	case e.random.IntN(onePhoto) == 0:
		return delivery.ProofPhoto
	case e.random.IntN(oneCounted) == 0:
		return delivery.ProofUnitCount
	case e.random.IntN(oneCode) == 0:
		return delivery.ProofCode
	}
	return delivery.ProofAttested
}

// codes asks the households for their codes, but takes one that is misheard as it is.
func (e *Simulation) codes(ctx context.Context, doors []*round.HandOverDoorInput) ([]*round.HandOverDoorInput, error) {
	var ask []delivery.ID
	for _, d := range doors {
		if d.Proof == delivery.ProofCode {
			ask = append(ask, d.OrderIds[0])
		}
	}
	if len(ask) == 0 {
		return doors, nil
	}
	secrets, err := e.DB.DoorSecrets(ctx, e.commander.Scope(), ask)
	if err != nil {
		return nil, err
	}
	said := map[delivery.ID]string{}
	for _, s := range secrets {
		said[s.OrderID()] = delivery.DoorCode(s.Secret, s.OrderUUID)
	}
	for _, d := range doors {
		if d.Proof == delivery.ProofCode && d.Code == "" {
			d.Code = said[d.OrderIds[0]]
		}
	}
	return doors, nil
}

// photo takes a picture of a bag in front of a door.
func (e *Simulation) photo(ctx context.Context, a delivery.Actor) (*delivery.ID, error) {
	wall := color.RGBA{uint8(150 + e.random.IntN(100)), uint8(150 + e.random.IntN(100)), uint8(140 + e.random.IntN(80)), 255}
	frame := color.RGBA{uint8(60 + e.random.IntN(90)), uint8(30 + e.random.IntN(60)), uint8(20 + e.random.IntN(40)), 255}
	bag := color.RGBA{uint8(180 + e.random.IntN(70)), uint8(40 + e.random.IntN(200)), uint8(30 + e.random.IntN(80)), 255}
	left, high := 60+e.random.IntN(60), 40+e.random.IntN(50)
	picture := image.NewRGBA(image.Rect(0, 0, 240, 320))
	for _, part := range []struct {
		at image.Rectangle
		in color.Color
	}{{picture.Rect, wall}, {image.Rect(50, 30, 190, 270), frame}, {image.Rect(172, 150, 180, 166), color.White}, {image.Rect(0, 270, 240, 320), color.Gray{90}},
		{image.Rect(left, 290-high, left+70, 295), bag}} {
		draw.Draw(picture, part.at, image.NewUniform(part.in), image.Point{}, draw.Src)
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, picture, nil); err != nil {
		return nil, err
	}
	f, err := e.Verbs.File.Keep(ctx, a, e.community.Community, "image/jpeg", data.Bytes())
	if err != nil {
		return nil, err
	}
	id := f.ID()
	return &id, nil
}
