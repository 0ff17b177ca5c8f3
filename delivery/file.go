package delivery

import (
	"slices"
	"time"
)

// File is a photo that a person sent, without its bytes. It is personal data: events never name it.
type File struct {
	CommunityID int32       `db:"community_id"`
	UUID        UUID        `db:"id"`
	Purpose     FilePurpose `db:"purpose"`
	MediaType   string      `db:"media_type"`
	Bytes       int         `db:"bytes"`
	Hash        []byte      `db:"hash"` // SHA-256 of the bytes
	ByRole      Role        `db:"by_role"`
	ByUUID      *UUID       `db:"by_id"`
	CreatedAt   time.Time   `db:"created_at"` // by machine time, as the others
	ExpiresAt   time.Time   `db:"expires_at"`
	AttachedAt  *time.Time  `db:"attached_at"`

	// The keys of what it is attached to.
	SeenBuilding  *UUID `db:"seen_building_id"`
	SeenHousehold *UUID `db:"seen_household_id"`
}

// FilePurpose says what a file is for.
type FilePurpose string

// The purposes of files.
const (
	FilePhoto FilePurpose = "PHOTO" // of a door, of bags, of a stray
	FileSheet FilePurpose = "SHEET" // a table or a list to import
)

// The bounds of files.
const (
	MaxFileBytes  = 5 << 20
	MaxSheetBytes = 50 << 20
	FilePartBytes = 256 << 10           // of a sheet, which is kept in parts
	FileWaits     = 24 * time.Hour      // how long a file is kept until it is attached
	FileKept      = 30 * 24 * time.Hour // how long it is kept after that
)

// SheetTypes are the media types of sheets.
var SheetTypes = []string{"text/csv", "text/tab-separated-values", "text/plain", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

// FileTypes are the media types of photos.
var FileTypes = []string{"image/jpeg", "image/png", "image/webp"}

// The refusals of files.
var (
	ReasonImageType = NewReason("IMAGE_TYPE", CodeBadUserInput,
		"Please send a photo (JPEG, PNG or WebP) or a table (CSV, TSV or XLSX), and its type as Content-Type, such as image/jpeg or text/csv.",
		"请上传照片（JPEG、PNG、WebP）或表格（CSV、TSV、XLSX），并使用与内容一致的 Content-Type。")
	ReasonFileKind = NewReason("FILE_KIND", CodeBadUserInput,
		"A photo cannot be imported; please send a table or a list.",
		"照片不能导入，请上传表格或名单。")
	ReasonFileGone = NewReason("FILE_GONE", CodeNotFound,
		"This file does not exist or has expired; please send it again.",
		"该文件不存在或已过期，请重新上传。")
	ReasonFileNotYours = NewReason("FILE_NOT_YOURS", CodeForbidden,
		"Another account sent this file; please use one of your own.",
		"该文件由其他账号上传，请使用自己上传的文件。")
	ReasonFileUsed = NewReason("FILE_USED", CodeConflict,
		"This photo has already been used; please take another one.",
		"该照片已被使用，请另拍一张。")
)

// CheckFileType refuses a media type that no file has.
func CheckFileType(mediaType string) *Error {
	if !slices.Contains(FileTypes, mediaType) {
		return Refuse(ReasonImageType)
	}
	return nil
}

// ID is the file's opaque id.
func (f *File) ID() ID { return ID{KindFile, f.CommunityID, f.UUID} }

// Units is how much of QuotaFiles the file uses: as many photos as have its size at most.
func (f *File) Units() int64 { return int64(max(1, (f.Bytes+MaxFileBytes-1)/MaxFileBytes)) }

// By is the sender.
func (f *File) By() Ref {
	return Ref{Role: f.ByRole, Community: f.CommunityID, UUID: orEmpty(f.ByUUID)}
}

// CheckSend refuses an actor who may not send files to the community. Its households and team may, and administrators.
func (a Actor) CheckSend(community int32) *Error {
	switch {
	case !a.SignedIn():
		return Refuse(ReasonSignIn)
	case a.Role != RoleResident && (!a.OfTeam() || a.Role == RoleSystem):
		return Refuse(ReasonNotYours)
	case !a.Scope().SeesCommunity(community):
		return Refuse(ReasonNoSuch, KindCommunity.String())
	}
	return nil
}

// NewFile returns a file that the actor sends now. The caller sets its id, type, size and hash.
func NewFile(a Actor, community int32, at time.Time) *File {
	return &File{CommunityID: community, Purpose: FilePhoto, ByRole: a.Role, ByUUID: uuidOrNil(a.UUID), CreatedAt: at, ExpiresAt: at.Add(FileWaits)}
}

// NewSheet returns a sheet that the actor sends now. The caller sets its id, type, size and hash.
func NewSheet(a Actor, community int32, at time.Time) *File {
	f := NewFile(a, community, at)
	f.Purpose = FileSheet
	return f
}

// SheetType returns the media type under which a sheet is kept. It reports false for a media type that no sheet has. Browsers send a CSV as
// application/vnd.ms-excel where Excel is installed; the format of a sheet is found from its content.
func SheetType(mediaType string) (string, bool) {
	if mediaType == "application/vnd.ms-excel" {
		mediaType = "text/csv"
	}
	return mediaType, slices.Contains(SheetTypes, mediaType)
}

// Import keeps a sheet that the actor imports for FileKept from now on. Only its sender may import it, any number of times. It fails with FILE_GONE,
// FILE_KIND for a photo, and FILE_NOT_YOURS.
func (f *File) Import(a Actor, at time.Time) *Error {
	switch {
	case !f.ExpiresAt.After(at):
		return Refuse(ReasonFileGone)
	case f.Purpose != FileSheet:
		return Refuse(ReasonFileKind)
	case !f.sentBy(a):
		return Refuse(ReasonFileNotYours)
	}
	f.AttachedAt, f.ExpiresAt = &at, at.Add(FileKept)
	return nil
}

// sentBy reports whether the actor sent the file.
func (f *File) sentBy(a Actor) bool {
	if a.Role != RoleAdmin && a.Community != f.CommunityID {
		return false
	}
	return a.Role.Acts() && a.Ref().Key() == f.By().Key()
}

// Seen reports whether the actor may see the file at an instant of machine time. The sender may; and once it is attached, the
// household that it concerns, the volunteers of its building, leads, the commander and administrators. A file without a
// household, such as that of a stray, is for every member of the team who sees its place.
func (f *File) Seen(a Actor, at time.Time) bool {
	switch {
	case !f.ExpiresAt.After(at):
		return false
	case f.sentBy(a):
		return true
	case f.AttachedAt == nil || a.Role != RoleResident && !a.OfTeam():
		return false
	case a.Role == RoleVolunteer && f.SeenHousehold != nil && !slices.Contains(a.Buildings, orEmpty(f.SeenBuilding)): // carts and gate see all orders, but no doors
		return false
	}
	return a.Scope().Sees(Keys{Community: f.CommunityID, Building: orEmpty(f.SeenBuilding), Household: orEmpty(f.SeenHousehold)})
}

// Attach gives the file to what the keys belong to, and keeps it for FileKept from now on. Only the sender may, and only once.
func (f *File) Attach(a Actor, k Keys, at time.Time) *Error {
	switch {
	case !f.ExpiresAt.After(at), f.Purpose != FilePhoto:
		return Refuse(ReasonFileGone)
	case !f.sentBy(a):
		return Refuse(ReasonFileNotYours)
	case f.AttachedAt != nil:
		return Refuse(ReasonFileUsed)
	}
	f.AttachedAt, f.ExpiresAt = &at, at.Add(FileKept)
	f.SeenBuilding, f.SeenHousehold = uuidOrNil(k.Building), uuidOrNil(k.Household)
	return nil
}
