"""The unit of a number, the same however it is written: 38 cm and 38 centimetres, € 5 and 5 euros, 3pm and 3 p.m."""

import re

from index import keywords

_FORMS = """
%: % percent per_cent pct pc percentage
point: point points percentage_point percentage_points
am: am a.m a.m.
pm: pm p.m p.m.
o’clock: o'clock o’clock
euro: euro euros eur €
dollar: dollar dollars usd $ us$
pound: pound pounds gbp £ lb lbs
yen: yen jpy ¥
cent: cent cents
penny: penny pence
crown: crown crowns krona kronor krone kroner
mm: mm millimetre millimetres millimeter millimeters
cm: cm centimetre centimetres centimeter centimeters
m: metre metres meter meters
km: km kilometre kilometres kilometer kilometers
inch: inch inches
foot: foot feet ft
yard: yard yards yd
mile: mile miles
m²: m² sqm sq_m square_metre square_metres square_meter square_meters
km²: km² sq_km square_kilometre square_kilometres square_kilometer square_kilometers
mile²: square_mile square_miles sq_mile sq_miles
foot²: sq_ft square_foot square_feet
m³: m³ cubic_metre cubic_metres cubic_meter cubic_meters
hectare: hectare hectares ha
acre: acre acres
km/h: kph kmh km/h kilometres_an_hour kilometers_an_hour kilometres_per_hour kilometers_per_hour
mph: mph miles_an_hour miles_per_hour
knot: knot knots
mg: mg milligram milligrams
g: gram grams gramme grammes
kg: kg kilo kilos kilogram kilograms
tonne: tonne tonnes ton tons t
ounce: ounce ounces oz
litre: litre litres liter liters l
gallon: gallon gallons
barrel: barrel barrels
kW: kw kilowatt kilowatts
MW: mw megawatt megawatts
GW: gw gigawatt gigawatts
kWh: kwh kilowatt-hour kilowatt-hours kilowatt_hours
MWh: mwh megawatt-hour megawatt-hours megawatt_hours
degree: degree degrees ° °c °f
second: second seconds sec secs
minute: minute minutes min mins
hour: hour hours hr hrs
day: day days
week: week weeks
fortnight: fortnight fortnights
month: month months
year: year years yr yrs
decade: decade decades
century: century centuries
"""
_UNITS = {
    form.replace("_", " "): name
    for name, forms in (line.split(": ") for line in _FORMS.strip().splitlines())
    for form in forms.split()
}
_FORM = "|".join(re.escape(form).replace(r"\ ", "[ -]") for form in sorted(_UNITS, key=len, reverse=True))
_BEHIND = re.compile(rf"[ -]?({_FORM})(?![^\W_])", re.IGNORECASE)
_ONE_WORD_ON = re.compile(rf"[ -]([^\W\d_]{{2,20}}|U\.S\.)[ -]({_FORM})(?![^\W_])", re.IGNORECASE)
_GLUED = re.compile(r"[^\W\d_]{1,20}(?![^\W_])")
_BEFORE = re.compile(r"(?<![^\W_])(US\$|USD|EUR|GBP|JPY|[€$£¥]) ?\Z", re.IGNORECASE)
_CARRIED = re.compile(r" ?(?:[-–—,]|(?:,? )?(?:to|and|or|through))(?: (?:about|some|nearly|almost|over))? ?[€$£¥]?\Z")
_BETWEEN = (keywords.STOPWORDS - {"more"}) | set("point points hundred thousand million billion trillion dozen".split())
"""Words that may not stand between a number and its unit, as "more" and "working" may."""


def unit_at(text: str, start: int, end: int) -> str | None:
    """The unit of the number `text[start:end]`; letters that touch it count as one, whatever they mean."""
    if match := _BEHIND.match(text, end):
        return _name(match[1])
    if match := _GLUED.match(text, end):
        return match.group().lower()
    if match := _BEFORE.search(text[max(0, start - 6) : start]):
        return _name(match[1])
    match = _ONE_WORD_ON.match(text, end)
    return _name(match[2]) if match and match[1].lower() not in _BETWEEN else None


def carried(between: str) -> bool:
    """Whether a number has the unit of the next one, given what stands between them: "12 to 15 per cent"."""
    return _CARRIED.fullmatch(between) is not None


def _name(form: str) -> str:
    form = form.lower()
    return _UNITS[form] if form in _UNITS else _UNITS[form.replace("-", " ")]
