// Package file keeps the photos that people send, and returns them to the callers who may see them.
package file

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/internal/photo"
)

// Verbs are what HTTP requests for files do. The area has no mutation.
type Verbs struct{ *dispatch.Engine }

// The refusals of photos that cannot be kept.
var (
	ReasonBadImage = delivery.NewReason("BAD_IMAGE", delivery.CodeBadUserInput,
		"This photo is damaged and cannot be read.",
		"照片已损坏，无法读取。")
	ReasonImageAnimated = delivery.NewReason("IMAGE_ANIMATED", delivery.CodeBadUserInput,
		"Please send a photo, not an animation.",
		"请上传照片，不要上传动图。")
	ReasonImageSides = delivery.NewReason("IMAGE_SIDES", delivery.CodeBadUserInput,
		"A photo may be at most %d pixels wide and high.",
		"照片的宽和高最多 %d 像素。")
)

// forgetEvery is how often expired files are deleted. Until then no one sees them.
const forgetEvery = 10 * time.Minute

// Upkeep lists the clock worker's tasks for the area.
func (v *Verbs) Upkeep() []dispatch.Upkeep {
	return []dispatch.Upkeep{{Every: forgetEvery, Do: v.Forget}}
}

// arrivesWithin is how long a sheet takes to arrive at most. Parts that are older and belong to no file are of one that was cut off.
const arrivesWithin = time.Hour

// Forget deletes expired files, and the parts of sheets whose arrival was cut off.
func (v *Verbs) Forget(ctx context.Context) error {
	_, err := v.DB.UnscopedForgetFiles(ctx, v.MachineTime())
	_, parts := v.DB.UnscopedForgetFileParts(ctx, v.MachineTime().Add(-arrivesWithin))
	return errors.Join(err, parts)
}

// Community returns the community to which the actor sends a file: the one that the id names or, with "", the actor's own. It fails
// with a refusal if the actor may not send files there.
func (v *Verbs) Community(a delivery.Actor, id string) (int32, error) {
	return communityOf(a, id, a.CheckSend)
}

// SheetCommunity returns the community to which the actor sends a sheet, as Community does.
func (v *Verbs) SheetCommunity(a delivery.Actor, id string) (int32, error) {
	return communityOf(a, id, a.CanSendSheets)
}

func communityOf(a delivery.Actor, id string, check func(int32) *delivery.Error) (int32, error) {
	community := a.Community
	if id != "" {
		parsed, err := delivery.ParseID(id)
		if err != nil {
			return 0, err
		}
		if parsed.Kind != delivery.KindCommunity {
			return 0, parsed.WrongKind(delivery.KindCommunity)
		}
		community = parsed.Community
	}
	if refusal := check(community); refusal != nil {
		return 0, refusal
	}
	if community == 0 {
		return 0, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	return community, nil
}

// Keep removes a photo's metadata and keeps it for the actor until it is attached, for delivery.FileWaits. It is idempotent: the
// same bytes of the same account give the same file. It fails with IMAGE_TYPE if the bytes are of another media type, with
// BAD_IMAGE, IMAGE_ANIMATED, IMAGE_SIDES or TOO_LARGE if the photo cannot be kept, with PURGED or ARCHIVED if the community
// keeps no photos any more, and with QUOTA.
func (v *Verbs) Keep(ctx context.Context, a delivery.Actor, community int32, mediaType string, data []byte) (*delivery.File, error) {
	if refusal := a.CheckSend(community); refusal != nil {
		return nil, refusal
	}
	cleaned, err := clean(mediaType, data)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(cleaned)
	return dispatch.InTx(ctx, v.Engine, func(t *db.Tx) (*delivery.File, error) {
		f := delivery.NewFile(a, community, v.MachineTime())
		f.UUID, f.MediaType, f.Bytes, f.Hash = dispatch.NewUUID(), mediaType, len(cleaned), hash[:]
		return v.keep(ctx, t, a, f, cleaned)
	})
}

// clean returns a photo without metadata.
func clean(mediaType string, data []byte) ([]byte, error) {
	if photo.Type(data) != mediaType || mediaType == "" {
		return nil, delivery.Refuse(delivery.ReasonImageType)
	}
	picture, err := photo.Clean(data)
	switch {
	case errors.Is(err, photo.ErrTooLarge):
		return nil, delivery.Refuse(ReasonImageSides, photo.MaxSide).With(delivery.Details{Limit: photo.MaxSide})
	case errors.Is(err, photo.ErrAnimated):
		return nil, delivery.Refuse(ReasonImageAnimated)
	case err != nil, len(picture.Data) > delivery.MaxFileBytes: // an orientation may add a few bytes
		return nil, delivery.Refuse(ReasonBadImage)
	}
	return picture.Data, nil
}

// errKeptMeanwhile is the fault of another transaction that kept the same file first.
var errKeptMeanwhile = dispatch.MarkRetryable(errors.New("the file was kept meanwhile"))

func (v *Verbs) keep(ctx context.Context, t *db.Tx, a delivery.Actor, f *delivery.File, data []byte) (*delivery.File, error) {
	c, err := t.LockCommunity(ctx, f.CommunityID, false)
	switch {
	case err != nil:
		return nil, err
	case c.ArchivedAt != nil:
		return nil, delivery.Refuse(dispatch.ReasonArchived)
	case c.Purged():
		return nil, delivery.Refuse(dispatch.ReasonPurged)
	}
	same, err := t.LockSameFile(ctx, f, f.CreatedAt)
	if err != nil {
		return nil, err
	}
	if len(same) > 0 {
		if same[0].AttachedAt != nil {
			return same[0], nil
		}
		same[0].ExpiresAt = f.ExpiresAt
		return same[0], t.SaveFiles(ctx, f.CommunityID, same)
	}
	if most := delivery.AllowanceOf(a.Role, v.Quota)[delivery.QuotaFiles]; most > 0 {
		if err := t.Charge(ctx, f.CommunityID, a.Ref().Key(), delivery.QuotaFiles, f.Units(), most); err != nil {
			if refusal := delivery.AsError(err); refusal != nil {
				return nil, v.DayEnds(ctx, t, f.CommunityID, refusal)
			}
			return nil, err
		}
	}
	inserted, err := t.InsertFile(ctx, f, data)
	if err == nil && !inserted {
		err = errKeptMeanwhile
	}
	return f, err
}

// Find returns a file that the actor may see. It fails with FILE_GONE if there is none, or none that they may see.
func (v *Verbs) Find(ctx context.Context, a delivery.Actor, id string) (*delivery.File, error) {
	if !a.SignedIn() {
		return nil, delivery.Refuse(delivery.ReasonSignIn)
	}
	parsed, err := delivery.ParseID(id)
	if err != nil || parsed.Kind != delivery.KindFile {
		return nil, delivery.Refuse(delivery.ReasonFileGone)
	}
	f, err := v.DB.UnscopedFile(ctx, parsed)
	switch {
	case err != nil:
		return nil, goneIfMissing(err)
	case f.Purpose != delivery.FilePhoto, !f.Seen(a, v.MachineTime()): // sheets are imported, not sent back
		return nil, delivery.Refuse(delivery.ReasonFileGone)
	}
	return f, nil
}

// Read returns the bytes of a file that Find found. It fails with FILE_GONE if the file was deleted meanwhile.
func (v *Verbs) Read(ctx context.Context, f *delivery.File) ([]byte, error) {
	data, err := v.DB.UnscopedFileData(ctx, f.ID())
	return data, goneIfMissing(err)
}

// goneIfMissing returns FILE_GONE for NOT_FOUND, and other errors as they are.
func goneIfMissing(err error) error {
	if delivery.CodeOf(err) == delivery.CodeNotFound {
		return delivery.Refuse(delivery.ReasonFileGone)
	}
	return err
}
