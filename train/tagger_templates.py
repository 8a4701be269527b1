"""Sentences with holes, written for this project: what people type, and harmless text beside it.

`{person}` and the like are filled by `tagger_names`; each hole is a label, the rest is none.
"""

ENGLISH = """
Hi {first}, are we still on for lunch in {city} tomorrow?
My name is {person} and I live in {city}.
I am {person}, {age} years old, and I work as a {job} at {company}.
Please call {person} at {phone} before five.
Please reach me on {phone} or at the office, {phone2}.
Dear {title} {last},\\n\\nthank you for your letter. Kind regards,\\n{person}
Best wishes,\\n{first}
Cheers,\\n{person}\\n{job}\\n{company}
{person} <{email}> wrote:
From: {person}\\nTo: {person2}\\nSubject: lunch
Could you send the parcel to {address}?
My new address is {address}, please update your records.
We moved from {city} to {city2} last year.
She was born in {city}, {country}.
I was born on {date}.
Date of birth: {date}
He turned {age} last week.
My grandmother is {age} and still swims every day.
A {age}-year-old {nationality} tourist was found near {city}.
{person}, {age}, of {city}, was named head of {company}.
{company} has opened an office in {city}, {country}.
{company} and {company2} announced a merger on {date}.
I used to work for {company} before I joined {company2}.
I bought it at {company} in {city}.
Is {company} hiring a {job}?
The {job}, {person}, declined to comment.
Ship to:\\n{person}\\n{address}
Invoice to:\\n{company}\\n{address}
{person}\\n{address}
{person}\\n{company}\\n{address}\\n{phone}
Name: {person}\\nAge: {age}\\nPhone: {phone}\\nEmail: {email}
Name: {person}\\nCity: {city}\\nCountry: {country}
Patient: {person}\\nDOB: {date}\\nPhone: {phone}
Passenger {person} travels from {city} to {city2} on {date}.
Tell {first} that {first2} is late.
{first}, {first2} and {first3} are coming over.
{first} said to {first2}: "Where have you been?"
Have you seen {first}'s new bike?
Is {first} around?
{first} is my brother and {first2} is my sister in law.
I met {person} at {company} yesterday.
According to {person}, the shop near {address} is closed.
The flat at {address} is for rent.
Meet me at {address} at six.
The office is located at {address}.
Take me to {address}.
Turn left into {street} and stop at number {number}.
I live on {street}.
He parked in {street} Street yesterday.
Can I book a table for two in {city}?
What is the weather in {city}?
How do I get from {city} to {city2}?
I'm flying to {country} on {date}.
{country} won the match against {country2}.
The {nationality} ambassador visited {country}.
I love {nationality} food.
They are {nationality}, but they live in {country}.
We are proud {nationality} people.
The {nationality} prime minister met {person} in {city}.
Contact {title} {person} for details.
Ask {title} {last} about the homework.
{title} {last} will see you now.
Good evening {title} {last}, your table is ready.
call me {first}
my friends call me {first}
hello, this is {person} speaking
it's {first} from {company}
thanks {first}!
@{first} can you look at this?
cc {person}, {person2}
Attendees: {person}, {person2}, {person3}
Present: {person} ({company}), {person2} ({company2})
1. {person}\\n2. {person2}\\n3. {person3}
- {person}: {phone}\\n- {person2}: {phone2}
{person},{company},{city},{phone}
"{last}","{first}","{city}","{country}"
| {person} | {city} | {date} |
The singer {person} was born in {city} and grew up in {country}.
{person}'s second album was recorded in {city}.
The film was directed by {person} and stars {person2} as {first3}.
{last} wrote the song when he was {age}.
A book by {person} and {person2} tells the story of {company}.
{last} et al. have shown this.
Professor {last} of the University of {city} disagrees.
Members of {company} met in {city} on {date}.
He joined {company} in {year} and left in {year2}.
In {year}, {person} founded {company} in {city}.
Since {date} I have had no reply.
When: {date}\\nWhere: {city}
Where: {company}, {address}
Remind me to call {first} on {date}.
Add {person} to my contacts, number {phone}.
Text {first}: running late
Navigate to {company}
Who is {person}?
Where does {person} live?
What is {first}'s phone number?
Write a birthday poem for {first}, who turns {age}.
Translate this letter to {title} {last} into German.
My boss {person} at {company} wants me to move to {city}.
My landlord, {title} {last}, lives at {address}.
My zip code is {zip}.
ZIP: {zip}
{city}, {zip}
{city} {zip}, {country}
I lost my wallet somewhere between {street} and {street2}.
fax {phone}, mobile {phone2}
Tel. {phone}
Phone number: {phone}
You can call {phone} any time.
missed call from {phone}
Your order {ref} has been shipped to {city}.
Order number: {ref}
Your booking code is {ref}. Please arrive on time.
Appointment number {ref} for {person} at {company}.
Member no. {ref}, valid since {year}.
Tracking number: {ref}
Transaction ID: {ref}
the account ending in {four} was debited
Your savings card ending with {four} received a transfer from {person}.
[SMS] {chinese}: {given}, are you free this evening? I'd like to talk about {given2}.
[SMS] {chinese}: {mention}, the plan is ready.
[Call] {chinese} ({phone}) - Connected
[Photo] {chinese} and {given} at the lake. (at {company}, {street}, {city}; with {chinese2}, {mention})
[Calendar] Dinner with {chinese} and {mention} at {company}, {city}
[Note] Things to buy for {given}'s birthday
[Push/{company}] {company}: your order has been delivered to {address}
{mention} told {mention2} that {given} is ill.
{mention}, hello. Thank you for your message.
Hello {mention}, this is {chinese} from {company}.
I'm very grateful to {mention}, {given} and {given2}.
{given} and {given2} went to {city} with {mention}.
{chinese} works at {company} in {city}.
{chinese}'s daughter {given} studies in {country}.
{title} {last} arrives in {city} on {weekday}.
See you on {weekday}, {first}!
Are you free on {weekday} or {weekday} evening?
We opened in {year} and closed in {year2}.
{last} was a student in {year}, when the war began.
The album "Days of Glass" by {person} came out in {year}.
In "Walking on Water", {first} plays a detective.
Let's try the new {nationality} restaurant.
That little {nationality} place near the station is lovely.
A {nationality} friend of mine cooks for us.
As {first} put it: "I'm tired."
{first}: "I'm home!" {first2}: "I'm not."
The life of {first} is a long story.
Nobody knows {first} as well as I do.
{last} became famous late.
{job} at {company}
{person}, {job}
We studied at the University of {city}.
{city} station is closed today.
The mayor of {city} opened the bridge.
The meeting at {company} with {chinese}, {chinese2} and {given} has been moved.
{{"name": "{person}", "age": {age}, "active": true}}
{{"customer": {{"first_name": "{first}", "last_name": "{last}", "city": "{city}"}}, "total": {number}}}
{{"role": "user", "content": "Ask {first} to call me"}}
name: {person}\nrole: admin\nactive: true
2026-03-14T09:26:53Z INFO  auth  user={person} login ok
[{number}] ERROR mailer: could not deliver to {person}: timeout
# TODO({first}): remove this
# Reviewed-by: {person} <{email}>
user = User(name="{person}", city="{city}")
INSERT INTO customers VALUES ({number}, '{person}', '{city}');
SELECT * FROM orders WHERE customer = '{person}';
- [ ] {first}: write the report\n- [x] {first2}: book the room
| {first} | {number} | done |
**{person}** said on {weekday} that the release is late.
Thanks, {first}. The build is green again.
{last}, {first}
""".strip().split("\n")

ENGLISH_PLAIN = """
How do I open a savings account?
What are my options?
Could you please explain the fees?
I want to cancel my subscription.
The quick brown fox jumps over the lazy dog.
Please restart the server and try again.
ERROR 404: page not found at line {number}
Chapter {number}, section {number}
Version {number}.{number}.{number} released
The total is ${number}.50 for {number} items.
Room {number}, floor {number}
It costs {number} yuan per month.
The train leaves at {number}:30.
Today it is {number} degrees.
This is not a name. Capital Letters Are Used In Titles.
I think that Spring is nicer than Autumn.
Why is the sky blue?
Summarise this text in three sentences.
Write a Python function that sorts a list.
The algorithm runs in O(n log n) time.
Let me know if you have any questions!
HELLO??? IS ANYBODY THERE?
CAN YOU HELP ME WITH MY HOMEWORK
Thanks, that is all for now.
I would like to exercise more, eat well and get enough sleep.
Assistant: That sounds great! What would you like to do next?
User: Yes, exactly. Could you give me some advice?
1. **Exercise**: Start with ten minutes a day.\\n2. **Diet**: Eat more vegetables.
What is inflation?
Define opportunity cost.
Explain the theory of comparative advantage.
The supply curve shifts to the right.
Set an alarm for seven.
Turn on the lights in the kitchen.
Add milk, eggs and flour to the shopping list.
The battery is at {number} percent.
He was good at it, and they knew it.
Sir, this is a restaurant.
God only knows what love is.
Will you marry me? May I ask why?
Mark the date. Bill the customer. Rose is a colour.
My card was declined, please help.
I lost my password and cannot log in.
The manager said that the shop is closed on Mondays.
The restaurant serves great food.
Energetic salesperson with {number}+ years of professional experience.
You will be responsible for the care of a large variety of animals.
Genres: Drama, Horror & Comedy, Sports & Family
Answer: "Walking on Water" was number one. See #{number} and #{number} below.
The jury sentenced the killers to ten years in prison.
As a child she wanted to become a painter, but started writing instead.
The data leak in the billing system was found during a routine audit.
God save us all.
User details and credentials were exposed by mistake.
Reminder: the key to success is practice. The core idea is simple.
Contact us. Video call at noon. Travel tips. Music and fashion.
A routine security scan of the internal system is under way.
commit {hex} fixes the build
id {hex}-{four}-{hex}, size {number}.{number} MB
He paid ${number},{four}.50 for {number} items, {number}-{number} yuan each.
Model SN{number}LS{number}, RTX {four}, iPhone {number}, Python 3.{number}
Open from {number}:00 to {number}:30, {year}-{year2}
My password does not work. The password was changed.
The IP address and the port {four} are configured.
SELECT name, price FROM products WHERE id = {number}
import numpy as np
Traceback (most recent call last): ValueError: invalid literal
""".strip().split("\n")

CHINESE = """
我叫{han}，今年{age}岁。
我是{han}，在{hcompany}上班。
{han}说他明天不来了。
请转告{han}，会议改到下午三点。
{hanfam}总好，合同已经发给您了。
{hanfam}老师，请问作业什么时候交？
{han}{htitle}您好，您的快递到了。
{han}{htitle}的电话是多少？
麻烦{hanfam}经理审批一下。
小{hanfam}，下班一起吃饭吧。
老{hanfam}最近身体怎么样？
联系人：{han}，电话：{hphone}
收件人：{han}\\n地址：{haddress}\\n电话：{hphone}
姓名：{han}\\n性别：女\\n年龄：{age}
姓名 {han}
姓名：{han}
联系人={han}
"name": "{han}"
{{"姓名":"{han}","城市":"{hplace}"}}
请把{han}的名字改成{han2}。
客户{han}反馈产品有问题。
你把联系人改成{han}吧，谢谢！
我的名字是{han}，麻烦记一下。
刚才说的那个人就是{han}对吧？
寄件人{han}，收件人{han2}。
发件人：{han} <{email}>
患者{han}，男，{age}岁，因咳嗽三天入院。
{han}和{han2}昨天在{hplace}结婚了。
{han}、{han2}、{han3}参加了会议。
参会人员：{han}、{han2}、{han3}
与会者：{han} {han2} {han3}
帮我给{han}打个电话。
提醒我给{han}发邮件。
给{han}发短信说我晚点到。
{han}住在哪里？
{han}的生日是几号？
我妈妈{han}住在{haddress}。
我家住在{haddress}。
收货地址：{haddress}
收货地址 {haddress}
请送到{haddress}，谢谢。
导航到{haddress}
公司地址：{haddress}，{hcompany}
我从{hplace}搬到了{hplace2}。
明天{hplace}的天气怎么样？
从{hplace}到{hplace2}怎么走？
我在{hplace}出差，周五回{hplace2}。
他是{hplace}人，在{hplace2}工作。
{han}毕业于{hplace}大学，现在在{hcompany}工作。
{hcompany}宣布在{hplace}设立分公司。
我们公司{hcompany}正在招聘。
我在{hcompany}预约了明天的检查，医生是{hanfam}大夫。
{hcompany}的{han}给我打过电话。
甲方：{hcompany}\\n乙方：{han}
签名：{han}
--\\n此致\\n{han}
此致敬礼\\n{han}\\n{hdate}
日程：周五 15:00 见面，联系人 {han}，地点待定
日程：{hdate}与{han}在{hcompany}开会
| 姓名 | 备注 |\\n| {han} | 已核对 |
| {han} | {hplace} | {age} |
[INFO] user.update 姓名={han} ok
ERR 4021 校验失败: 联系人 "{han}"
Please update my 姓名 to {han} before the meeting 谢谢
FYI 姓名（{han}）confirmed by ops team.
客户资料【{han}】请保密
{{"messages":[{{"role":"user","content":"联系人 {han}"}}]}}
“{han}”
司机{hanfam}师傅的车牌是多少？
{hanfam}阿姨说她女儿{han}考上了{hplace}大学。
{han}今年{age}岁，是{hcompany}的员工。
出生日期：{hdate}
我出生于{hdate}。
{han}，{hdate}出生，{hplace}人。
请联系我们的同事{han}（{hphone}）。
谢谢{hanfam}医生！
@{han} 看一下这个
抄送：{han}，{han2}
{han}：你到了吗？
[短信] {han}：今晚有空吗？
[电话] {han}（{hphone}）已接通
""".strip().split("\n")

CHINESE_PLAIN = """
商品编号：{sixteen}，库存 {number}
快递单号 SF{sixteen}
订单号 {fourteen} 已发货
错误码 {four}
第 {number} 章第 {number} 节
《红楼梦》共 {number} 回
《三国演义》和《水浒传》都是名著。
版本 {number}.{number}.{number} 发布于 2025-01-02
今天最高气温 {number} 度
本月销售额 {seven} 元
会议室编号 A-{number}，容纳 {number} 人
请帮我写一个排序函数。
什么是通货膨胀？
明天早上七点叫我起床。
把客厅的灯打开。
今天的作业很多，我还没有写完。
请把文件发到我的邮箱。
这个方案还需要修改，大家再讨论一下。
谢谢，我知道了。
麻烦您稍等，马上就好。
高兴的时候就唱歌，平时多运动。
万一下雨怎么办？安全第一。
黄色的花开了，白云在天上飘。
金属价格上涨，石油价格下跌。
马上就要考试了，方法很重要。
温度太高，水分流失严重。
江水很急，河边有很多石头。
向左转，然后常规检查，任何问题随时联系。
周末计划：打扫房间，买菜，看电影。
双十一全场五折，买二送一。
您的验证码是 {six}，五分钟内有效。
项目进度 {number}%，预计下周完成。
端口 {four} 已被占用
共 {number} 条记录，第 {number} 页
座位号 {number} 排 {number} 座
重量 {number} 公斤，长度 {number} 厘米
年利率 {number}.5%，期限 {number} 个月
他们说这部电影很好看，老板也喜欢。
别告诉别人，这是我们的秘密。
密码是多少？我忘记了。
服务器的地址和端口都配置好了。
别担心，一切都会好的。
老师让我们安静，同学们都很认真。
先生您好，请问需要什么帮助？
张开嘴，深呼吸，周围很安静。
会议纪要：本周完成设计，下周开始测试。
系统将于 02:00 维护，预计持续 {number} 分钟。
""".strip().split("\n")

# What a hole is, for the tagger; None: patterns find it, the tagger learns nothing from it.
HOLES: dict[str, str | None] = {
    "person": "PERSON", "first": "PERSON", "last": "PERSON", "chinese": "PERSON", "given": "PERSON",
    "mention": "PERSON", "han": "PERSON", "hanfam": "PERSON", "company": "ORG", "hcompany": "ORG",
    "city": "PLACE", "country": "PLACE", "hplace": "PLACE", "address": "ADDRESS", "street": "ADDRESS",
    "haddress": "ADDRESS", "zip": "ADDRESS", "nationality": "GROUP", "title": "TITLE", "job": "TITLE",
    "htitle": "TITLE", "age": "AGE", "date": "DATE", "year": "DATE", "weekday": "DATE", "hdate": "DATE", "phone": "PHONE",
    "hphone": "PHONE", "ref": "REFERENCE", "four": None, "email": None, "number": "", "sixteen": "",
    "fourteen": "", "seven": "", "six": "", "hex": "",
}  # fmt: skip
