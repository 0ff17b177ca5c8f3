-- One normal form for what people type to tell things apart (docs/decisions/0027): rooms, codes and platforms' numbers that
-- differ in width, case or composition are the same, and searches find them by it. text_key is delivery.Key, door_words and
-- text_grams are those of delivery/search.go; tests compare them. Rows that clash already keep their code: their key ends
-- in their id, so that no other row is refused for them, and the program names them when it starts.
-- Triggers fill the new columns, so that the previous release writes them too. What is searched of an order stands in a
-- table of its own: an index on orders would cost every move.

-- +goose Up
create function text_key(given text) returns text
	language sql immutable strict parallel safe
	return case when octet_length(given) = length(given)
			then lower(trim(both ' ' from regexp_replace(given, E'[\t\n\u000b\f\r ]+', ' ', 'g')) collate "C")
		else normalize(translate(lower(trim(both ' ' from regexp_replace(translate(normalize(
			regexp_replace(given, E'[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]', '', 'g'), nfkc),
			U&'\058A\05BE\1400\1806\2010\2011\2012\2013\2014\2015\2212\2E17\2E1A\2E3A\2E3B\2E40\2E5D\301C\3030\30A0\+010EAD', '---------------------'),
			E'[\t\n\u000b\f\r \u0085\u1680\u2028\u2029]+', ' ', 'g')) collate "C"),
			'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠƢƤƦƧƩƬƮƯƱƲƳƵƷƸƼǍǏǑǓǕǗǙǛǞǠǢǤǦǨǪǬǮǴǶǷǸǺǼǾȀȂȄȆȈȊȌȎȐȒȔȖȘȚȜȞȠȢȤȦȨȪȬȮȰȲȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫςϏϘϚϜϞϠϢϤϦϨϪϬϮϷϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖḀḂḄḆḈḊḌḎḐḒḔḖḘḚḜḞḠḢḤḦḨḪḬḮḰḲḴḶḸḺḼḾṀṂṄṆṈṊṌṎṐṒṔṖṘṚṜṞṠṢṤṦṨṪṬṮṰṲṴṶṸṺṼṾẀẂẄẆẈẊẌẎẐẒẔẞẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸỺỼỾἈἉἊἋἌἍἎἏἘἙἚἛἜἝἨἩἪἫἬἭἮἯἸἹἺἻἼἽἾἿὈὉὊὋὌὍὙὛὝὟὨὩὪὫὬὭὮὯᾈᾉᾊᾋᾌᾍᾎᾏᾘᾙᾚᾛᾜᾝᾞᾟᾨᾩᾪᾫᾬᾭᾮᾯᾸᾹᾺᾼῈῊῌῘῙῚῨῩῪῬῸῺῼ',
			'àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįiĵķĺļľłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵơƣƥʀƨʃƭʈưʊʋƴƶʒƹƽǎǐǒǔǖǘǚǜǟǡǣǥǧǩǫǭǯǵƕƿǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȝȟƞȣȥȧȩȫȭȯȱȳⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳͷϳάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋσϗϙϛϝϟϡϣϥϧϩϫϭϯϸϻͻͼͽѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕßạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹỻỽỿἀἁἂἃἄἅἆἇἐἑἒἓἔἕἠἡἢἣἤἥἦἧἰἱἲἳἴἵἶἷὀὁὂὃὄὅὑὓὕὗὠὡὢὣὤὥὦὧᾀᾁᾂᾃᾄᾅᾆᾇᾐᾑᾒᾓᾔᾕᾖᾗᾠᾡᾢᾣᾤᾥᾦᾧᾰᾱὰᾳὲὴῃῐῑὶῠῡὺῥὸὼῳ'), nfkc) end;

-- A door's address in every form that it is looked for, each on a line of its own: as it is, without its unit, and with the
-- building's code without what stands before its number (E6-1-1203, E6/1203, 6-1-1203, 6/1203).
-- +goose StatementBegin
create function door_words(address text) returns text language plpgsql immutable strict parallel safe as $$
declare
	building text := text_key(split_part(address, '-', 1));
	unit     text := split_part(address, '-', 2);
	room     text := text_key(substr(address, length(split_part(address, '-', 1)) + length(unit) + 3));
	block    text := regexp_replace(building, '(.)(号楼|栋|幢|座|楼)$', '\1');
	door     text := regexp_replace(room, '(.)(室|房|户|号)$', '\1');
	digits   text := regexp_replace(block, '^[^0-9]+([0-9])', '\1');
	words    text := E'
' || building || '-' || unit || '-' || room || E'
' || block || '/' || door || E'
';
begin
	if block <> building or door <> room then
		words := words || block || '-' || unit || '-' || door || E'
';
	end if;
	if digits <> block then
		words := words || digits || '-' || unit || '-' || door || E'
' || digits || '/' || door || E'
';
	end if;
	return words;
end $$;
-- +goose StatementEnd

-- Every part of three characters, with the community, for an index that serves one community's searches.
create function text_grams(community int, words text) returns text[]
	language sql immutable strict parallel safe
	return array(select community || ':' || substr(words, at, 3) from generate_series(1, length(words) - 2) as at);

alter table communities add column code_key text not null default '';
alter table buildings add column code_key text not null default '';
alter table volunteers add column code_key text not null default '';
alter table suppliers add column code_key text not null default '';
alter table households
	add column room_key text not null default '',
	add column words    text not null default '';

update communities set code_key = text_key(code);
update buildings set code_key = text_key(code);
update volunteers set code_key = text_key(code);
update suppliers set code_key = text_key(code);
update households set room_key = text_key(room), words = door_words(address);

-- Of rows with one key the oldest keeps it.
update communities c set code_key = code_key || chr(31) || cast(community_id as text)
 where exists (select from communities x where x.code_key = c.code_key and x.community_id < c.community_id);
update buildings b set code_key = code_key || chr(31) || cast(id as text)
 where exists (select from buildings x where x.community_id = b.community_id and x.code_key = b.code_key and x.id < b.id);
update volunteers v set code_key = code_key || chr(31) || cast(id as text)
 where exists (select from volunteers x where x.community_id = v.community_id and x.code_key = v.code_key and x.id < v.id);
update suppliers s set code_key = code_key || chr(31) || cast(id as text)
 where exists (select from suppliers x where x.community_id = s.community_id and x.code_key = s.code_key and x.id < s.id);
create index households_unit_room on households (community_id, unit_id, room_key);
analyze households;
update households h set room_key = room_key || chr(31) || cast(id as text)
 where exists (select from households x where x.community_id = h.community_id and x.unit_id = h.unit_id and x.room_key = h.room_key and x.id < h.id);
drop index households_unit_room;

alter table communities add constraint communities_code_key_taken unique (code_key);
alter table buildings add constraint buildings_code_key_taken unique (community_id, code_key);
alter table volunteers add constraint volunteers_code_key_taken unique (community_id, code_key);
alter table suppliers add constraint suppliers_code_key_taken unique (community_id, code_key);
alter table households add constraint households_room_key_taken unique (community_id, unit_id, room_key);
create index households_by_words on households using gin (text_grams(community_id, words)) with (gin_pending_list_limit = 128);

-- +goose StatementBegin
create function set_code_key() returns trigger language plpgsql as $$
begin
	new.code_key := text_key(new.code);
	return new;
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
create function set_door_words() returns trigger language plpgsql as $$
begin
	if tg_op = 'INSERT' or new.room is distinct from old.room then
		new.room_key := text_key(new.room);
	end if;
	new.words := door_words(new.address);
	return new;
end $$;
-- +goose StatementEnd
create trigger communities_code_key before insert on communities for each row execute function set_code_key();
create trigger buildings_code_key before insert on buildings for each row execute function set_code_key();
create trigger volunteers_code_key before insert on volunteers for each row execute function set_code_key();
create trigger suppliers_code_key before insert on suppliers for each row execute function set_code_key();
create trigger communities_code_key_changed before update on communities for each row when (new.code is distinct from old.code) execute function set_code_key();
create trigger buildings_code_key_changed before update on buildings for each row when (new.code is distinct from old.code) execute function set_code_key();
create trigger volunteers_code_key_changed before update on volunteers for each row when (new.code is distinct from old.code) execute function set_code_key();
create trigger suppliers_code_key_changed before update on suppliers for each row when (new.code is distinct from old.code) execute function set_code_key();
create trigger households_words before insert on households for each row execute function set_door_words();
create trigger households_words_changed before update on households for each row
	when (new.room is distinct from old.room or new.address is distinct from old.address) execute function set_door_words();

create table order_texts (
	community_id int    not null,
	order_id     uuid   not null,
	supplier_id  uuid,
	household_id uuid,
	number_key   text   not null,
	words        text   not null,
	constraint order_texts_pkey primary key (community_id, order_id)
);
comment on table order_texts is 'what an order is found by that is its own; only the trigger of orders writes it, so it has no foreign key, and moves do not touch it';
comment on column order_texts.household_id is 'of an order that a resident placed: its number is unique among the household''s own only';
comment on column order_texts.number_key is 'text_key of the platform''s number';

-- +goose StatementBegin
create function set_order_text() returns trigger language plpgsql as $$
declare
	key  text := text_key(new.external_number);
	home uuid := case when new.placed_by_role = 'RESIDENT' then new.household_id end;
begin
	if tg_op = 'INSERT' then
		insert into order_texts (community_id, order_id, supplier_id, household_id, number_key, words)
		values (new.community_id, new.id, new.supplier_id, home, key, E'\n#' || new.number || E'\n' || key || E'\n');
	else
		update order_texts
		   set supplier_id = new.supplier_id, household_id = home, number_key = key, words = E'\n#' || new.number || E'\n' || key || E'\n'
		 where community_id = new.community_id and order_id = new.id;
	end if;
	return null;
end $$;
-- +goose StatementEnd
create trigger orders_text after insert on orders for each row execute function set_order_text();
create trigger orders_text_changed after update of external_number, number, supplier_id on orders for each row
	when (new.external_number is distinct from old.external_number or new.number <> old.number or new.supplier_id is distinct from old.supplier_id)
	execute function set_order_text();
insert into order_texts (community_id, order_id, supplier_id, household_id, number_key, words)
select community_id, id, supplier_id, home,
       key || case when key <> '' and row_number() over (partition by community_id, supplier_id, home, key order by number) > 1 then chr(31) || id else '' end,
       E'\n#' || number || E'\n' || key || E'\n'
  from (select o.*, text_key(o.external_number) as key, case when o.placed_by_role = 'RESIDENT' then o.household_id end as home from orders o) o;
create unique index order_texts_team_number_taken on order_texts (community_id, supplier_id, number_key)
 where number_key <> '' and household_id is null;
create unique index order_texts_household_number_taken on order_texts (community_id, supplier_id, household_id, number_key)
 where number_key <> '' and household_id is not null;
create index order_texts_by_words on order_texts using gin (text_grams(community_id, words)) with (gin_pending_list_limit = 128);

-- The orders whose own words contain a needle or whose door's words contain one of the others, at most so many of each.
-- Always by the indexes: to look at each row instead costs its grams, and the planner cannot tell how many there are.
-- +goose StatementBegin
create function orders_with(community int, own text, doors text[], most int) returns setof uuid
	language plpgsql stable rows 200 set enable_seqscan = off set enable_indexscan = on as $$
declare
	door text;
begin
	return query
		select t.order_id
		  from order_texts t
		 where text_grams(t.community_id, t.words) @> text_grams(community, own) and t.community_id = community and position(own in t.words) > 0
		 limit most;
	foreach door in array doors loop
		return query
			select o.id
			  from (select h.id
			          from households h
			         where text_grams(h.community_id, h.words) @> text_grams(community, door) and h.community_id = community
			           and position(door in h.words) > 0
			        offset 0) h
			  join orders o on o.community_id = community and o.household_id = h.id
			 limit most;
	end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
drop function orders_with;
drop trigger orders_text_changed on orders;
drop trigger orders_text on orders;
drop function set_order_text;
drop table order_texts;
drop trigger households_words_changed on households;
drop trigger households_words on households;
drop trigger suppliers_code_key_changed on suppliers;
drop trigger volunteers_code_key_changed on volunteers;
drop trigger buildings_code_key_changed on buildings;
drop trigger communities_code_key_changed on communities;
drop trigger suppliers_code_key on suppliers;
drop trigger volunteers_code_key on volunteers;
drop trigger buildings_code_key on buildings;
drop trigger communities_code_key on communities;
drop function set_door_words;
drop function set_code_key;
drop index households_by_words;
alter table households drop column room_key, drop column words;
alter table suppliers drop column code_key;
alter table volunteers drop column code_key;
alter table buildings drop column code_key;
alter table communities drop column code_key;
drop function text_grams;
drop function door_words;
drop function text_key;
