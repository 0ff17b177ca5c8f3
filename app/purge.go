package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"baogong/db"
	"baogong/dispatch"
	"baogong/dispatch/purge"
	"baogong/dispatch/verbs"
)

// Run removes the personal data of communities whose closure ended long enough ago, and prints what it removed.
func (c *purgeCommand) Run(ctx context.Context, p *program) error {
	if c.AfterDays < 0 {
		return fmt.Errorf("--after-days must be 0 or more; got %d", c.AfterDays)
	}
	if c.Batch < 1 {
		return fmt.Errorf("--batch must be 1 or more; got %d", c.Batch)
	}
	if err := c.there(); err != nil {
		return err
	}
	st, err := p.open(ctx, c.databaseSettings, toMaintain)
	if err != nil {
		return err
	}
	d := verbs.New(&dispatch.Engine{DB: st.DB, Now: time.Now, Machine: time.Now})
	some := false
	err = d.Purge.UnscopedPurge(ctx, purge.Options{After: time.Duration(c.AfterDays) * 24 * time.Hour, DryRun: c.DryRun, Batch: c.Batch}, func(done purge.Purged) {
		some = true
		fmt.Fprintln(p.out, purgeLine(done, c.DryRun))
	})
	if err == nil && !some {
		fmt.Fprintf(p.out, "No closure ended %d days ago or earlier whose personal data is still there. 没有需要清除的小区（封闭结束满 %d 天）。\n", c.AfterDays, c.AfterDays)
	}
	return errors.Join(err, st.close())
}

// purgeWords name the sorts of personal data.
var purgeWords = map[db.PersonalData][2]string{
	db.PersonalHouseholds: {"households (name, phone, needs)", "住户（姓名、电话、需求）"},
	db.PersonalVolunteers: {"volunteers (name, phone, organisation)", "队员（姓名、电话、单位）"},
	db.PersonalOrders:     {"order notes", "订单备注"},
	db.PersonalLines:      {"order lines", "订单明细"},
	db.PersonalDemand:     {"counts of demand", "需求统计"},
	db.PersonalForecasts:  {"forecasts", "需求预测"},
	db.PersonalEvents:     {"notes and device times of events", "动态备注与设备时间"},
	db.PersonalHolds:      {"hold notes", "暂停备注"},
	db.PersonalArrivals:   {"vehicles and drivers' phones", "车辆与司机电话"},
	db.PersonalStrays:     {"labels of strays", "无主件标签"},
	db.PersonalIncidents:  {"notes of incidents", "异常备注"},
	db.PersonalTasks:      {"tasks (title, place, note)", "任务（内容、地点、备注）"},
	db.PersonalEnquiries:  {"enquiries (text, number, answer)", "来电（内容、号码、答复）"},
	db.PersonalErrands:    {"answers of errands", "代办结果"},
	db.PersonalFiles:      {"photos", "照片"},
	db.PersonalParts:      {"sheets", "表格文件"},
	db.PersonalImports:    {"imported lists", "导入的名单"},
	db.PersonalRows:       {"imported rows", "导入的行"},
	db.PersonalAliases:    {"words for doors", "住户别称"},
	db.PersonalReveals:    {"reasons of reveals", "查看原因"},
	db.PersonalCalls:      {"stored calls", "调用记录"},
	db.PersonalScenarios:  {"scenarios", "预案"},
	db.PersonalWebhooks:   {"webhooks", "推送地址"},
	db.PersonalSecrets:    {"secrets of webhooks", "推送密钥"},
	db.PersonalSignIns:    {"sign-ins", "登录账户"},
}

// purgeLine returns a line about the data that was removed from one community, in both languages.
func purgeLine(done purge.Purged, dry bool) string {
	var en, zh []string
	for _, what := range db.AllPersonal {
		en = append(en, fmt.Sprintf("%d %s", done.Rows[what], purgeWords[what][0]))
		zh = append(zh, fmt.Sprintf("%s %d", purgeWords[what][1], done.Rows[what]))
	}
	did, has := "removed", "已清除"
	if dry {
		did, has = "would remove", "将清除"
	}
	return fmt.Sprintf("%s %s: %s %s. %s：%s。", done.Community.Code, done.Community.Name, did, strings.Join(en, ", "), has, strings.Join(zh, "、"))
}
