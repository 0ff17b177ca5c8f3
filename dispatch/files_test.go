package dispatch_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/file"
	"baogong/dispatch/gate"
	"baogong/internal/photo"
)

// picture is a PNG that differs from those of other widths.
func picture(width int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, 1))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// keep sends a picture and returns its id.
func (e *house) keep(a delivery.Actor, width int) delivery.ID {
	e.t.Helper()
	return must(e.d.File.Keep(e.t.Context(), a, e.community.Community, photo.PNG, picture(width))).ID()
}

// attach attaches a file to what the keys belong to, or says why not.
func (e *house) attach(a delivery.Actor, id delivery.ID, k delivery.Keys) delivery.Reason {
	e.t.Helper()
	k.Community = e.community.Community
	err := e.d.InTx(e.t.Context(), func(t *db.Tx) error { return e.d.AttachFile(e.t.Context(), t, a, id, k) })
	if refusal := delivery.AsError(err); refusal != nil {
		return refusal.Reason
	}
	if err != nil {
		e.t.Fatal(err)
	}
	return none
}

// seers are the people who can open a file.
func (e *house) seers(id delivery.ID) string {
	e.t.Helper()
	var out []string
	for name, a := range map[string]delivery.Actor{"admin": e.admin, "commander": e.commander, "lead": e.lead, "duty": e.duty, "transport": e.transport, "supply": e.supply, "backup": e.backup,
		"elsewhere": e.elsewhere, "patrol": e.patrol, "shop": e.shop, "resident": e.resident, "neighbour": e.neighbour, "city": {Role: delivery.RoleCity, Communities: []int32{0}},
		"link": {Role: delivery.RoleLink, Community: e.community.Community, UUID: id.UUID}} {
		f, err := e.d.File.Find(e.t.Context(), a, id.String())
		switch {
		case err == nil && photo.Type(must(e.d.File.Read(e.t.Context(), f))) == photo.PNG:
			out = append(out, name)
		case delivery.AsError(err) == nil || delivery.AsError(err).Reason != delivery.ReasonFileGone:
			e.t.Errorf("%s: got %v, want FILE_GONE", name, err)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestPhotosAreSeenByFew(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	home, stray := e.keep(e.backup, 2), e.keep(e.duty, 3)
	e.expect("unattached photo", e.seers(home), "backup")
	keys := delivery.Keys{Building: e.buildings[0].UUID, Household: e.homes[0].UUID}
	e.expect("attach", e.attach(e.backup, home, keys), none)
	e.expect("photo of a door", e.seers(home), "admin backup commander lead resident supply")
	e.expect("attach a stray's", e.attach(e.duty, stray, delivery.Keys{}), none)
	e.expect("photo of a stray", e.seers(stray), "admin commander duty lead transport")

	mine := e.keep(e.resident, 4)
	e.expect("attach another's", e.attach(e.commander, mine, keys), delivery.ReasonFileNotYours)
	e.expect("attach a household", e.attach(e.resident, e.homes[0], keys), delivery.ReasonWrongKind)
	e.expect("attach twice", e.attach(e.backup, home, keys), delivery.ReasonFileUsed)
	e.expect("attach nothing", e.attach(e.backup, e.missing(delivery.KindFile), keys), delivery.ReasonFileGone)
	promoted := e.backup
	promoted.Role = delivery.RoleLead
	promoted.Buildings = nil
	e.expect("attach after a promotion", e.attach(promoted, e.keep(e.backup, 5), keys), none)
	for name, id := range map[string]string{"an order's id": e.missing(delivery.KindOrder).String(), "no id": "x", "": ""} {
		if _, err := e.d.File.Find(t.Context(), e.commander, id); delivery.CodeOf(err) != delivery.CodeNotFound {
			t.Errorf("%s: got %v, want NOT_FOUND", name, err)
		}
	}
}

func TestOnlyHouseholdsAndTeamSendPhotos(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	here, other := e.community.String(), delivery.ID{Kind: delivery.KindCommunity, Community: 99}.String()
	for name, c := range map[string]struct {
		actor     delivery.Actor
		community string
		want      delivery.Reason
	}{
		"resident":              {e.resident, "", none},
		"resident by id":        {e.resident, here, none},
		"resident elsewhere":    {e.resident, other, delivery.ReasonNoSuch},
		"volunteer":             {e.supply, "", none},
		"commander":             {e.commander, "", none},
		"administrator":         {e.admin, here, none},
		"administrator nowhere": {e.admin, "", delivery.ReasonNoSuch},
		"supplier":              {e.shop, "", delivery.ReasonNotYours},
		"link":                  {delivery.Actor{Role: delivery.RoleLink, Community: e.community.Community}, "", delivery.ReasonNotYours},
		"city":                  {delivery.Actor{Role: delivery.RoleCity, Communities: []int32{0}}, here, delivery.ReasonNotYours},
		"anonymous":             {delivery.Actor{}, here, delivery.ReasonSignIn},
		"another noun":          {e.admin, e.homes[0].String(), delivery.ReasonWrongKind},
		"no id":                 {e.admin, "x", delivery.ReasonMalformedID},
	} {
		community, err := e.d.File.Community(c.actor, c.community)
		got := none
		if refusal := delivery.AsError(err); refusal != nil {
			got = refusal.Reason
		}
		if got != c.want || (got == none) != (community == e.community.Community) {
			t.Errorf("%s: got %q and %d, want %q", name, got, community, c.want)
		}
	}
}

func TestTheSameBytesAreOnePhoto(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	first := e.keep(e.resident, 2)
	talkative := append(picture(2), "not of the picture"...)
	if again := must(e.d.File.Keep(t.Context(), e.resident, e.community.Community, photo.PNG, talkative)); again.ID() != first {
		t.Error("the same picture got another id")
	}
	if e.keep(e.supply, 2) == first || e.keep(e.resident, 3) == first {
		t.Error("another person's or picture's upload got the same id")
	}
	ids := make(chan delivery.ID, 4)
	atOnce(slices.Repeat([]func(){func() { ids <- e.keep(e.neighbour, 2) }}, 4)...)
	for id := range 3 {
		if a, b := <-ids, e.keep(e.neighbour, 2); a != b {
			t.Errorf("upload %d at once: got %v and %v", id, a, b)
		}
	}
	e.wait(delivery.FileWaits - time.Hour)
	e.keep(e.resident, 2)
	e.wait(2 * time.Hour)
	e.expect("a repeated upload is kept longer", e.seers(first), "resident")
	e.wait(delivery.FileWaits)
	if e.keep(e.resident, 2) == first {
		t.Error("an expired photo came back")
	}
}

func TestPhotosExpire(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	left := func() string { return e.column(`select count(*) from files`)[0] }
	waits, used := e.keep(e.supply, 2), e.keep(e.supply, 3)
	e.attach(e.supply, used, delivery.Keys{Building: e.buildings[0].UUID, Household: e.homes[0].UUID})
	e.wait(delivery.FileWaits)
	e.expect("expired", e.seers(waits), "")
	e.expect("attach", e.attach(e.supply, waits, delivery.Keys{}), delivery.ReasonFileGone)
	e.tickUpkeep()
	e.expect("photos after a day", left(), "1")
	e.wait(delivery.FileKept - delivery.FileWaits)
	e.tickUpkeep()
	e.expect("photos after 30 days", left(), "0")
}

// tickUpkeep does the upkeep of files.
func (e *house) tickUpkeep() {
	e.t.Helper()
	for _, work := range e.d.File.Upkeep() {
		if err := work.Do(e.t.Context()); err != nil {
			e.t.Fatal(err)
		}
	}
}

func TestUnfitPhotosAreNotKept(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	why := func(a delivery.Actor, kind string, data []byte) delivery.Reason {
		_, err := e.d.File.Keep(t.Context(), a, e.community.Community, kind, data)
		if refusal := delivery.AsError(err); refusal != nil {
			return refusal.Reason
		}
		return none
	}
	e.expect("another type", why(e.resident, photo.JPEG, picture(1)), delivery.ReasonImageType)
	e.expect("no type", why(e.resident, "", []byte("x")), delivery.ReasonImageType)
	e.expect("damaged", why(e.resident, photo.PNG, picture(1)[:40]), file.ReasonBadImage)
	e.expect("too wide", why(e.resident, photo.PNG, picture(photo.MaxSide+1)), file.ReasonImageSides)
	still, err := os.ReadFile("../internal/photo/testdata/transparent.webp")
	if err != nil {
		t.Fatal(err)
	}
	moving := slices.Clone(still)
	moving[20] |= 0x02 // the flags of the header VP8X
	e.expect("still", why(e.resident, photo.WebP, still), none)
	e.expect("moving", why(e.resident, photo.WebP, moving), file.ReasonImageAnimated)
	e.expect("by a supplier", why(e.shop, photo.PNG, picture(1)), delivery.ReasonNotYours)

	e.d.Quota = 1
	for width := range 30 {
		e.expect("photo "+strconv.Itoa(width), why(e.resident, photo.PNG, picture(width+1)), none)
	}
	e.expect("over the quota", why(e.resident, photo.PNG, picture(31)), db.ReasonQuota)
	e.expect("the same again", why(e.resident, photo.PNG, picture(30)), none)
	e.expect("by a neighbour", why(e.neighbour, photo.PNG, picture(31)), none)

	if refused := e.close(e.commander, estate.CommunityPatchInput{ClosureEndedAt: new(e.time())}); refused != nil {
		t.Fatal(refused)
	}
	e.column(`update communities set purge_began_at = now() where community_id = $1`, e.community.Community)
	e.expect("after the purge", why(e.neighbour, photo.PNG, picture(40)), dispatch.ReasonPurged)
}

// missing is an id of the community that no row has.
func (e *house) missing(kind delivery.Kind) delivery.ID {
	return delivery.ID{Kind: kind, Community: e.community.Community, UUID: dispatch.NewUUID()}
}

// TestAttachingAtOnce has two phones name the same two photos in opposite orders: each photo is attached once, and no call fails.
func TestAttachingAtOnce(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ids := []delivery.ID{e.keep(e.backup, 2), e.keep(e.backup, 3)}
	used := make(chan int, 2)
	call := func(named ...delivery.ID) func() {
		return func() {
			used <- must(dispatch.InTx(t.Context(), e.d.Engine, func(tx *db.Tx) (int, error) {
				g, err := e.d.LockFiles(t.Context(), tx, e.community.Community, named)
				if err != nil {
					return 0, err
				}
				n := 0
				for _, id := range named {
					if g.Attach(e.backup, id, delivery.Keys{Building: e.buildings[0].UUID}) == nil {
						n++
					}
				}
				return n, g.Save(t.Context(), tx)
			}))
		}
	}
	atOnce(call(ids[0], ids[1], ids[1]), call(ids[1], ids[0], e.homes[0]))
	if all := <-used + <-used; all != 2 || e.column(`select count(*) from files where attached_at is not null`)[0] != "2" {
		t.Errorf("got %d photos attached, want each once", all)
	}
}

// A photo shows a stray to the team that works in the whole community.
func TestAPhotoShowsAStray(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	photo := e.keep(e.duty, 1)
	log := func(photos ...*delivery.ID) (refused []string) {
		in := gate.LogStraysInput{CommunityID: e.community}
		for _, id := range photos {
			in.Strays = append(in.Strays, &gate.StrayInput{Place: "A 区", PhotoID: id})
		}
		for _, r := range must(e.d.Gate.LogStrays(t.Context(), e.duty, in)).Results {
			refused = append(refused, describe(r.UserErrors))
		}
		return refused
	}
	got := log(&photo, nil, new(e.keep(e.backup, 2)), &photo, &e.community)
	want := []string{"", "", "FILE_NOT_YOURS at strays.2.photoId", "FILE_USED at strays.3.photoId", "WRONG_KIND at strays.4.photoId"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := e.seers(photo), "admin commander duty lead transport"; got != want {
		t.Errorf("got the photo for %s, want %s", got, want)
	}
	strays := must(e.db.Strays(t.Context(), e.duty.Scope(), e.community.Community, nil))
	if len(strays) != 2 || strays[0].FileUUID != nil || strays[1].FileUUID == nil || *strays[1].FileUUID != photo.UUID {
		t.Errorf("got %+v", strays)
	}
}
