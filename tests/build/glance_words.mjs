// Says times as the page's glance says them: node glance_words.mjs <module> <JSON of what to say>.
const [module, asked] = process.argv.slice(2);
const { timesIn } = await import(module);
const { locale, zone, words, now, at } = JSON.parse(asked);
const times = timesIn(locale, zone, words, now);
console.log(JSON.stringify({ today: times.today(), said: at.map((each) => [times.when(each), times.day(each)]) }));
