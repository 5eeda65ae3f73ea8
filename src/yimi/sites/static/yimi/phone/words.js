// What the app says, in Chinese and English. `{name}` is filled in.

const WORDS = {
  app: ["入户填表", "Field forms"],
  yimi: ["一米", "Yimi"],
  other_language: ["English", "中文"],
  demo_title: ["演示数据", "Demonstration data"],
  demo_text: ["人员、记录和数字都是虚构的。", "People, records and figures are made up."],
  lock: ["锁定", "Lock"],
  back: ["返回", "Back"],
  // the list
  today: ["今天要走访的孩子", "Children to visit today"],
  list_until: ["名单 {from} 取得，{until} 自动删除。", "List fetched {from}; it deletes itself {until}."],
  renew: ["更新名单", "Renew the list"],
  renewing: ["正在取名单…", "Fetching the list…"],
  not_renewed: ["没有信号，名单没有更新。", "No signal: the list was not renewed."],
  search: ["按名字或村查找", "Search by name or village"],
  none_found: ["没有符合的孩子。", "No child matches."],
  none_due: ["今天没有到期的事项。", "Nothing is due today."],
  none_due_more: ["有新的到期事项时，更新名单就会出现在这里。", "When something falls due, renewing the list shows it here."],
  more: ["另有{n}名有到期事项的孩子没有带上，最急的都在上面。", "{n} more children with something due were left out; the most urgent are above."],
  overdue: ["已逾期", "Overdue"],
  due: ["应办", "Due"],
  due_on: ["应于 {day}", "was due {day}"],
  due_by: ["最晚 {day}", "by {day}"],
  filled_waiting: ["已填，待发送", "Filled, waiting to be sent"],
  filled_sent: ["已发送", "Sent"],
  filled_held: ["已收到，待核对", "Received, to be checked"],
  // a child
  what_is_due: ["到期事项", "What is due"],
  other_forms: ["其他可以填的表", "Other forms"],
  fill: ["填表", "Fill in"],
  not_here: ["这张表要在电脑上填。", "This form is filled in on a computer."],
  // a form
  happened_on: ["日期", "Date"],
  happened_hint: ["事情发生的那一天", "the day it happened"],
  optional: ["选填", "optional"],
  choose: ["请选择", "Choose"],
  yes: ["是", "Yes"],
  no: ["否", "No"],
  computed: ["发送后由系统算出", "worked out after sending"],
  take_photo: ["拍照", "Take a photo"],
  choose_photo: ["选照片", "Choose photos"],
  photo_hint: ["照片会缩小，拍摄地点会去掉；本页不往相册里存照片。", "Photos are made smaller and lose the place they were taken at; this page puts none in the gallery."],
  photo_number: ["照片{n}", "Photo {n}"],
  remove_photo: ["删除照片{n}", "Remove photo {n}"],
  photo_reading: ["正在处理照片…", "Preparing the photo…"],
  photo_unreadable: ["有一张照片打不开，没有加上。请换一张。", "A photo could not be read and was not added. Choose another."],
  photo_too_many: ["每项最多{n}张照片。", "At most {n} photos each."],
  or_number: ["或写明编号、存放在哪里", "Or its number, or where it is kept"],
  sign_here: ["请在框内手写签名", "Sign inside the frame"],
  clear_signature: ["清除重签", "Clear"],
  save: ["保存", "Save"],
  saving: ["正在保存…", "Saving…"],
  save_note: ["保存后手机上不能再打开这张表；有信号时自动发送。", "Once saved, this phone cannot open it again; it is sent when there is signal."],
  put_right: ["请改正以下内容", "Please put these right"],
  error: ["错误：", "Error: "],
  draft_kept: ["上次没填完的内容已恢复。", "What you had filled in was kept."],
  saved: ["已保存，有信号时自动发送。", "Saved. It is sent when there is signal."],
  not_saved: ["手机没有存下这张表：存储空间可能满了。表还在屏幕上，请腾出空间后再保存。", "The phone could not keep this form; its storage may be full. The form is still on the screen: make room and save again."],
  leave_title: ["这张表还没有保存", "This form is not saved"],
  leave_text: ["离开后，已填的内容会删除。", "If you leave, what you filled in is deleted."],
  stay: ["继续填写", "Keep filling in"],
  leave: ["不保存，离开", "Leave without saving"],
  // what is wrong with an answer (as the site says it)
  e_required: ["请填写{label}", "Enter {lower}"],
  e_number: ["{label}应为数字", "{label} must be a number"],
  e_whole: ["{label}应为整数", "{label} must be a whole number"],
  e_range: ["{label}应在{low}至{high}{unit}之间，请核对数值和单位", "{label} must be between {low} and {high}{unit}: check the value and its unit"],
  e_date: ["{label}应为日期，如 2026-05-01", "{label} must be a date such as 2026-05-01"],
  e_year: ["请核对{label}的年份", "Check the year of {lower}"],
  e_long: ["{label}最多{n}字", "{label} takes at most {n} characters"],
  e_future: ["日期不能晚于今天", "The date cannot be after today"],
  // the bar below
  bar: ["待发送的表", "Forms waiting to be sent"],
  waiting_one: ["1份待发送", "1 form waiting"],
  waiting_many: ["{n}份待发送", "{n} forms waiting"],
  oldest: ["最早一份 {at} 保存", "the oldest saved {at}"],
  nothing_waits: ["没有待发送的表", "Nothing is waiting"],
  last_sent: ["上次发送 {at}", "last sent {at}"],
  send_now: ["现在发送", "Send now"],
  sending: ["正在发送…", "Sending…"],
  s_offline: ["没有信号，填好的表在有信号时自动发送。", "No signal; forms are sent when there is."],
  s_signed_out: ["登录后才能发送。", "Sign in to send."],
  s_failed: ["服务器暂时没有收下，稍后自动再试。", "The server could not take it yet; it is tried again."],
  s_too_large: ["有一份太大，服务器没有收下；表还在手机里，请联系管理员。", "One form is too large for the server. It is still on this phone; tell your administrator."],
  s_refused: ["这个账号不能发送，请用填表的账号登录。", "This account cannot send; sign in with the one that filled the form."],
  held_one: ["有1份已收到，但没能登记，请核对。", "1 form was received but could not be entered."],
  held_many: ["有{n}份已收到，但没能登记，请核对。", "{n} forms were received but could not be entered."],
  check: ["去核对", "Check"],
  others_one: ["手机里还有1份是另一位工作人员填的，等本人登录后发送。", "1 form on this phone was filled by someone else; it is sent when that person signs in."],
  others_many: ["手机里还有{n}份是其他工作人员填的，等本人登录后发送。", "{n} forms on this phone were filled by others; they are sent when those people sign in."],
  // when there is no list
  sign_in: ["登录", "Sign in"],
  sign_in_title: ["请先登录", "Sign in first"],
  sign_in_text: ["登录后取今天的名单。名单带在手机里，没有信号也能填表。", "After signing in you get today’s list. It comes with you, so forms can be filled in without signal."],
  offline_title: ["没有信号，还没有名单", "No signal, and no list yet"],
  offline_text: ["请在有信号的地方打开本页，取到名单后再出发。", "Open this page where there is signal and get the list before you leave."],
  try_again: ["再试一次", "Try again"],
  locked_title: ["已锁定", "Locked"],
  locked_text: ["名单和没填完的表已从手机删除。已保存的表仍会发送，手机上打不开。", "The list and any half-filled form are deleted from this phone. Saved forms are still sent; they cannot be opened here."],
  get_list: ["取今天的名单", "Get today’s list"],
  sign_out: ["退出登录", "Sign out"],
  signed_out: ["已退出登录。", "Signed out."],
  ended_title: ["名单已到期", "The list has ended"],
  ended_text: ["名单只在手机里留24小时，现已删除。已保存的表不受影响。", "A list stays on the phone for 24 hours and is now deleted. Saved forms are not affected."],
  refused_title: ["这个账号没有走访名单", "This account has no list"],
  refused_text: ["只有登记孩子情况的岗位才有名单。如需使用，请联系本单位管理员。", "Only those who record about children have one. If you need it, ask your unit’s administrator."],
  failed_title: ["名单没有取到", "The list could not be fetched"],
  failed_text: ["服务器暂时没有答复，请过一会儿再试。", "The server did not answer. Try again in a while."],
  home: ["回到工作台", "Back to the site"],
  insecure_title: ["这个地址不能带表入户", "Forms cannot be taken along from this address"],
  insecure_text: ["手机只在加密的网址（https）上保存和加密表。请改用 https 开头的地址。", "A phone keeps and seals forms only at an encrypted address. Use the one that begins with https."],
  refuses_title: ["浏览器不让本页保存数据", "The browser does not let this page keep anything"],
  refuses_text: ["请退出无痕浏览，或在浏览器设置里允许本站保存数据，再打开本页。", "Leave private browsing, or allow this site to keep data in the browser’s settings, and open the page again."],
  newer_title: ["一米已更新", "Yimi was updated"],
  newer_text: ["请重新打开本页。已保存的表都在。", "Open the page again. Every saved form is still here."],
  reload: ["重新打开", "Open again"],
  // about this phone
  about: ["这台手机保存什么", "What this phone keeps"],
  about_list: ["名单：24小时，加密保存；锁定、到期或换人登录时删除。", "The list: 24 hours, encrypted; deleted when you lock, when it ends, or when someone else signs in."],
  about_forms: ["保存的表：用服务器的公钥封好，手机自己也打不开，收到回执后删除。", "Saved forms: sealed for the server; the phone itself cannot open them, and deletes them once they are received."],
  about_photos: ["照片：本页不往相册里存，随表一起封好。", "Photos: this page puts none in the gallery; they are sealed with the form."],
  persisted: ["浏览器已同意长期保存。", "The browser agreed to keep it."],
  not_persisted: ["浏览器没有保证长期保存：空间不足时可能清除，请尽早发送。", "The browser did not promise to keep it: it may clear it when space runs out, so send soon."],
};

let language = "zh";

export const speak = (wanted) => {
  language = wanted === "en" ? "en" : "zh";
  document.documentElement.lang = language === "en" ? "en" : "zh-Hans";
};
export const spoken = () => language;

/** A text of the app. */
export function say(name, filled = {}) {
  const text = WORDS[name][language === "en" ? 1 : 0];
  return text.replace(/\{(\w+)\}/g, (_, key) => filled[key] ?? "");
}

/** Words the server gave in both languages. */
export const told = (both) => (both ? (language === "en" ? both.en || both.zh : both.zh || both.en) : "");

const two = (number) => String(number).padStart(2, "0");

/** A day of the phone's calendar as 2026-11-27. */
export const isoDay = (moment) => `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;

/** A moment, short: the time, with its day unless that is today. */
export function moment(value, now = new Date()) {
  const when = new Date(value);
  const time = `${two(when.getHours())}:${two(when.getMinutes())}`;
  return isoDay(when) === isoDay(now) ? time : `${isoDay(when).slice(5)} ${time}`;
}

/** "{n} forms" in the right number. */
export const counted = (name, n) => say(`${name}_${n === 1 ? "one" : "many"}`, { n });
