/* The board: draws the newest document, sounds each young call once, and says so when it has lost touch.
   ES5 in one file, for televisions of 2017: one newer word and the screen stays blank. */
(function () {
  'use strict';

  var body = document.body;
  var texts = JSON.parse(byId('texts').textContent);
  var lang = document.documentElement.lang;
  var address = body.getAttribute('data-live');
  var shown = null; // the newest document

  function byId(id) { return document.getElementById(id); }
  function set(name, value) { body.setAttribute('data-' + name, value); }
  function ms(name) { return Number(body.getAttribute('data-' + name)); }
  function write(id, text) {
    var element = byId(id);
    if (element.textContent !== text) { element.textContent = text; }
  }
  function make(tag, className, text) {
    var element = document.createElement(tag);
    element.className = className;
    if (text !== undefined) { element.textContent = text; }
    return element;
  }
  function label(className, text) { // numbers and letters of a ticket keep their order in a right-to-left page
    var element = make('bdi', className, text);
    element.dir = 'ltr';
    return element;
  }

  /* Time. A set's own clock is often wrong, so the server's is carried on with a clock that never jumps. */

  var ahead = null; // server's time minus `mono`
  function mono() { return window.performance && performance.now ? performance.now() : Date.now(); }
  function now() { return ahead === null ? Date.now() : mono() + ahead; }
  function tellTime(at, fresh) { // a document may have waited before it came: it can only be younger than it says
    var sample = at - mono();
    if (ahead === null || fresh || sample > ahead) { ahead = sample; }
  }
  function local(at, tags, options) {
    options.timeZone = shown ? shown.time_zone : undefined;
    try {
      return new Date(at).toLocaleString(tags, options).replace(/[\u200e\u200f]/g, '');
    } catch (unknownZone) {
      options.timeZone = undefined;
      return new Date(at).toLocaleString(tags, options);
    }
  }
  function timeOf(at, seconds) {
    var options = { hour: '2-digit', minute: '2-digit', hour12: false };
    if (seconds) { options.second = '2-digit'; }
    return local(at, 'en-GB', options).replace(/^24/, '00');
  }
  function dayOf(at, options) { return local(at, lang === 'en' ? 'en-GB' : lang + '-u-nu-latn', options); }

  /* Words. */

  function pluralKind(n) {
    if (window.Intl && Intl.PluralRules) { return new Intl.PluralRules(lang).select(n); }
    if (lang !== 'ar') { return n === 1 ? 'one' : 'other'; }
    if (n < 3) { return ['zero', 'one', 'two'][n]; }
    return n % 100 >= 3 && n % 100 <= 10 ? 'few' : n % 100 >= 11 ? 'many' : 'other';
  }
  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, function (whole, name) { return name in values ? String(values[name]) : whole; });
  }
  function counted(forms, n, values) { return fill(forms[pluralKind(n)] || forms.other, values); }
  function waitText(wait) {
    if (!wait) { return texts.wait_unknown; }
    if (wait.high <= 1) { return texts.wait_now; }
    if (wait.low >= 60) { return texts.wait_over; }
    var forms = wait.low <= 0 ? texts.wait_upto : wait.low === wait.high ? texts.wait_exact : texts.wait_range;
    return counted(forms, wait.high, wait);
  }
  function waitingText(n) { return n ? counted(texts.waiting, n, { n: n }) : texts.waiting_none; }
  function opening() {
    if (shown.open || !shown.opens_at) { return ''; }
    var time = timeOf(shown.opens_at);
    var day = { day: 'numeric', month: 'numeric', year: 'numeric' };
    if (dayOf(shown.opens_at, day) === dayOf(now(), day)) { return fill(texts.opens_at, { time: time }); }
    return fill(texts.opens_on, { time: time, day: dayOf(shown.opens_at, { weekday: 'long' }) });
  }

  /* Drawing. */

  function drawing(className, shape, attributes) {
    var svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    var inner = document.createElementNS('http://www.w3.org/2000/svg', shape);
    for (var name in attributes) { inner.setAttribute(name, attributes[name]); }
    svg.setAttribute('class', className);
    svg.setAttribute('aria-hidden', 'true');
    svg.appendChild(inner);
    return svg;
  }
  function mark(colour) { return drawing('mark', 'rect', { width: '100%', height: '100%', fill: colour }); }
  function person() {
    var svg = drawing('person', 'path', { d: 'M12 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10zm0 2c-5 0-9 2.7-9 6v2h18v-2c0-3.3-4-6-9-6z' });
    svg.setAttribute('viewBox', '0 0 24 24');
    return svg;
  }
  function placeOf(call) { // "Desk 3": people look for the 3, so that is what is written large
    var parts = /^(.*\S)\s+(\S{1,4})$/.exec(call.desk);
    if (parts) { return { before: parts[1] + ' ', tag: parts[2], after: '', type: parts[1].length > 9 ? ' wordy' : '' }; }
    if (/^\S{0,2}$|^\S*\d\S*$/.test(call.desk) && call.desk.length < 7) {
      var words = call.desk && texts[call.kind] ? texts[call.kind].split('{desk}') : ['', ''];
      return { before: words[0], tag: call.desk, after: words[1], type: call.desk.length > 4 ? ' long' : '' };
    }
    return { before: '', tag: call.desk, after: '', type: call.desk.length > 6 ? ' name' : ' long' };
  }
  function callRow(call) {
    var place = placeOf(call);
    var row = make('li', 'call');
    var who = make('span', 'who');
    var where = make('span', 'where' + place.type);
    row.setAttribute('data-id', call.id);
    row.setAttribute('data-state', call.state);
    who.appendChild(label('ticket', call.ticket));
    where.appendChild(make('span', 'word', place.before));
    where.appendChild(make('bdi', 'desk', place.tag));
    where.appendChild(make('span', 'word', place.after));
    row.appendChild(mark(call.colour));
    row.appendChild(who);
    row.appendChild(where);
    return row;
  }
  function queueTile(queue) {
    var tile = make('li', 'queue');
    var title = make('p', 'title'), figures = make('p', 'figures'), count = make('span', 'count');
    tile.setAttribute('data-id', queue.id);
    tile.setAttribute('data-open', queue.open ? 'yes' : 'no');
    title.appendChild(label('tag', queue.tag));
    title.appendChild(document.createTextNode(' '));
    title.appendChild(make('bdi', 'name', queue.name));
    if (queue.open) {
      count.appendChild(person());
      count.appendChild(label('number', queue.waiting));
      count.appendChild(make('span', 'words', waitingText(queue.waiting)));
    }
    figures.appendChild(count);
    figures.appendChild(make('span', 'wait', queue.open ? waitText(queue.wait) : texts.closed));
    tile.appendChild(mark(queue.colour));
    tile.appendChild(title);
    tile.appendChild(figures);
    return tile;
  }

  var kept = {}; // rows by call, so that one that stays is left alone and its highlight is not begun again
  function drawCalls(list, calls) {
    for (var i = 0; i < calls.length; i += 1) {
      var key = list.id + JSON.stringify(calls[i]);
      var row = kept[key] || callRow(calls[i]);
      kept[key] = row;
      if (list.children[i] !== row) { list.insertBefore(row, list.children[i] || null); }
    }
    while (list.children.length > calls.length) { list.removeChild(list.lastChild); }
    for (var old in kept) {
      if (kept[old].parentNode === null) { delete kept[old]; }
    }
  }
  function overflows(row) {
    var who = row.querySelector('.who');
    return who.scrollWidth > who.clientWidth + 1;
  }
  function fit(list) { // long numbers, or a set with wide letters: all move together, and what is still too long gets smaller
    var rows = list.children, i;
    list.classList.remove('tight');
    for (i = 0; i < rows.length; i += 1) { rows[i].style.fontSize = ''; }
    for (i = 0; i < rows.length && !overflows(rows[i]); i += 1) { /* look on */ }
    if (i < rows.length) { list.classList.add('tight'); }
    for (i = 0; i < rows.length; i += 1) {
      var size = parseFloat(window.getComputedStyle(rows[i]).fontSize), least = size / 2;
      while (overflows(rows[i]) && size > least) {
        size *= 0.95;
        rows[i].style.fontSize = size + 'px';
      }
    }
  }

  var page = 0; // more than six queues take turns
  function drawQueues() {
    var list = byId('queues'), queues = shown.queues, pages = Math.ceil(queues.length / 6) || 1;
    page = page % pages;
    if (pages > 1) { queues = queues.slice(page * 6, page * 6 + 6); }
    while (list.firstChild) { list.removeChild(list.firstChild); }
    for (var i = 0; i < queues.length; i += 1) { list.appendChild(queueTile(queues[i])); }
    list.setAttribute('data-queues', shown.queues.length);
    list.setAttribute('data-many', shown.queues.length > 4 ? 'yes' : 'no');
    list.setAttribute('data-short', 'no');
    var waits = list.querySelectorAll('.wait'); // where one is cut, all say how many wait by a figure alone
    for (i = 0; i < waits.length && waits[i].scrollWidth <= waits[i].clientWidth + 1; i += 1) { /* look on */ }
    list.setAttribute('data-short', i < waits.length ? 'yes' : 'no');
  }
  function draw() {
    var current = [], recent = [], i;
    for (i = 0; i < shown.calls.length; i += 1) {
      (shown.calls[i].state === 'called' || shown.calls[i].state === 'serving' ? current : recent).push(shown.calls[i]);
    }
    recent = current.slice(8).concat(recent).slice(0, 6);
    current = current.slice(0, 8);
    set('current', current.length);
    set('columns', current.length > 4 ? 'yes' : 'no');
    set('open', shown.open ? 'yes' : 'no');
    byId('before').hidden = recent.length === 0;
    drawCalls(byId('calls'), current);
    drawCalls(byId('recent'), recent);
    fit(byId('calls'));
    fit(byId('recent'));
    drawQueues();
    write('place', shown.location);
    write('state', shown.open ? '' : opening() ? texts.closed + ' \u00b7 ' + opening() : texts.closed);
    write('nobody-text', shown.open ? texts.nobody : texts.closed);
    write('nobody-hint', shown.open ? texts.nobody_hint : opening());
    document.title = shown.location;
  }
  function tick() {
    write('time', timeOf(now()));
    write('date', dayOf(now(), { weekday: 'long', day: 'numeric', month: 'long' }));
  }

  /* Announcing. Each call once, the oldest first, one at a time; nothing that is older than a minute. */

  var memory = 'callboard.sounded.' + body.getAttribute('data-display');
  var epoch = null; // ids grow within an epoch
  var taken = 0; // the newest id that was put in the line below
  var line = []; // calls that wait to be sounded
  var sounding = false;

  function recall() { // what this tab sounded before it was loaded again
    try {
      var stored = JSON.parse(window.sessionStorage.getItem(memory));
      return stored && stored.epoch === epoch ? stored.id : 0;
    } catch (noStorage) { return 0; }
  }
  function remember(id) {
    set('sounded', id);
    try { window.sessionStorage.setItem(memory, JSON.stringify({ epoch: epoch, id: id })); } catch (noStorage) { /* so be it */ }
  }
  function young(call) { return now() - call.at <= ms('young-ms'); }
  function highlight(call) {
    var row = byId('calls').querySelector('[data-id="' + Number(call.id) + '"]');
    if (!row) { return; }
    row.className = 'call fresh';
    window.setTimeout(function () { row.className = 'call'; }, ms('fresh-ms'));
  }
  function announce() {
    if (shown.epoch !== epoch) {
      epoch = shown.epoch;
      taken = recall();
      line = [];
    }
    var calls = shown.calls.slice().sort(function (one, other) { return one.id - other.id; });
    for (var i = 0; i < calls.length; i += 1) {
      if (calls[i].id > taken) {
        taken = calls[i].id;
        if (calls[i].state === 'called' && young(calls[i])) {
          highlight(calls[i]);
          line.push(calls[i]);
        }
      }
    }
    soundNext();
  }
  function soundNext() {
    var state = body.getAttribute('data-sound');
    if (sounding || state === 'blocked' || state === 'starting') { return; }
    while (line.length && !young(line[0])) { line.shift(); }
    if (!line.length) { return; }
    var batch = line.splice(0, line.length > 4 ? line.length : 1); // a crowd: one chime, the list says the rest
    var says = batch.length === 1 && shown.voice ? batch[0].say : [];
    sounding = true;
    remember(batch[batch.length - 1].id);
    chime(function () {
      speak(says, function () {
        sounding = false;
        soundNext();
      });
    });
  }

  /* Sound. Browsers refuse it until a key is pressed, unless they were told otherwise. */

  var Context = window.AudioContext || window.webkitAudioContext;
  var audio = null;
  var dismissed = false;

  function prepareSound() {
    if (!shown.chime && !shown.voice) {
      set('sound', 'off');
    } else if (body.getAttribute('data-sound') === 'off') {
      try {
        audio = audio || new Context();
      } catch (noAudio) {
        set('sound', 'none');
        return;
      }
      set('sound', 'starting');
      audio.onstatechange = soundChanged;
      window.setTimeout(soundChanged, 400);
    }
  }
  function soundChanged() {
    var on = !audio.state || audio.state === 'running';
    set('sound', on ? 'on' : 'blocked');
    byId('unmute').hidden = on || dismissed;
    if (!byId('unmute').hidden) { byId('unmute').focus(); }
    if (on) { soundNext(); }
  }
  function unmute() {
    if (body.getAttribute('data-sound') !== 'blocked') { return; }
    dismissed = true;
    byId('unmute').hidden = true;
    audio.resume().then(function () {
      if (!line.length && !sounding) { chime(function () { /* it works, and one hears that it does */ }); }
      soundChanged();
    }, soundChanged);
  }
  function chime(done) {
    if (!audio || !shown.chime || body.getAttribute('data-sound') !== 'on') { done(); return; }
    var start = audio.currentTime + 0.05;
    note(784, start);
    note(1046.5, start + 0.2);
    note(1318.5, start + 0.4);
    window.setTimeout(done, ms('chime-ms'));
  }
  function note(frequency, start) { // a soft bell: quick to come, slow to go
    var tone = audio.createOscillator(), level = audio.createGain();
    tone.frequency.value = frequency;
    level.gain.setValueAtTime(0.0001, start);
    level.gain.exponentialRampToValueAtTime(0.28, start + 0.015);
    level.gain.exponentialRampToValueAtTime(0.0001, start + 1);
    tone.connect(level);
    level.connect(audio.destination);
    tone.start(start);
    tone.stop(start + 1.05);
  }

  var utterance = null; // held here, or some engines forget it and never say that it ended
  function voiceFor(language) {
    var voices = window.speechSynthesis && window.speechSynthesis.getVoices() || [];
    for (var i = 0; i < voices.length; i += 1) {
      if (voices[i].lang.toLowerCase().replace('_', '-').split('-')[0] === language) { return voices[i]; }
    }
    return null;
  }
  function speak(says, done) {
    if (!says.length) { done(); return; }
    var voice = voiceFor(says[0].lang), over = false;
    function next() {
      if (over) { return; }
      over = true;
      window.clearTimeout(guard);
      speak(says.slice(1), done);
    }
    var guard = window.setTimeout(next, voice ? 4000 + says[0].text.length * 150 : 0);
    if (!voice) { return; } // read by a voice of another language it would be noise
    utterance = new window.SpeechSynthesisUtterance(says[0].text);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    utterance.rate = 0.92;
    utterance.onend = next;
    utterance.onerror = next;
    window.speechSynthesis.speak(utterance);
  }

  /* Contact: any word from the server counts. A board that has lost touch says so. */

  var heardAt = mono();
  var heardTime = now();
  var ended = false;

  function heard() {
    heardAt = mono();
    heardTime = now();
    showContact();
  }
  function showContact() {
    var silent = mono() - heardAt;
    var contact = ended ? 'ended' : silent > ms('dim-ms') ? 'long' : silent > ms('stale-ms') ? 'lost' : 'ok';
    if (contact === 'ok') {
      byId('banner').hidden = true;
    } else {
      write('lost', ended ? texts.unknown_screen : fill(texts.stale, { time: timeOf(heardTime, true) }));
      write('ask', contact === 'lost' ? '' : texts.ask);
      byId('banner').hidden = false;
    }
    set('contact', contact);
  }
  function newer(given) {
    return !shown || given.epoch !== shown.epoch || given.seq > shown.seq ||
      (given.seq === shown.seq && given.at >= shown.at);
  }
  function take(given) {
    if (given.at) { tellTime(given.at, given.type === 'beat'); }
    heard();
    if (given.type !== 'board' || !newer(given)) { return; }
    shown = given;
    draw();
    tick();
    prepareSound();
    announce();
  }

  /* The line to the server: a WebSocket; where it will not open, one request after another that the server holds. */

  var socket = null;
  var triedAt = 0;
  var socketFailures = 0; // in a row
  var socketWorked = false; // once in this page; before, one failure is enough to take the other way
  var pollFailures = 0;
  var polling = null; // the request under way
  var timer = null;

  // One to five seconds at first: whatever ended this line may have ended ten thousand at the same moment.
  function delay(failures) {
    return Math.min(15000, ms('retry-ms') * Math.pow(1.5, failures)) * (0.2 + 0.8 * Math.random());
  }
  function connectIn(wait) {
    window.clearTimeout(timer);
    timer = window.setTimeout(connect, wait);
  }
  function drop() {
    var old = socket;
    socket = null;
    if (old) {
      old.onmessage = old.onclose = null;
      old.close();
    }
  }
  function finish() { // the server does not know this screen, or not any more: asking again would not help
    ended = true;
    drop();
    stopPolling();
    window.clearTimeout(timer);
    showContact();
  }
  function connect() {
    if (ended) { return; }
    drop();
    triedAt = mono();
    try {
      socket = new window.WebSocket(window.location.origin.replace(/^http/, 'ws') + address);
    } catch (noSocket) {
      lost({ code: 0 });
      return;
    }
    socket.onclose = lost;
    socket.onmessage = function (event) {
      socketFailures = 0;
      socketWorked = true;
      stopPolling();
      window.clearTimeout(timer);
      set('transport', 'socket');
      take(JSON.parse(event.data));
    };
  }
  function lost(event) {
    drop();
    if (event.code === 4401 || event.code === 4404) { finish(); return; }
    socketFailures += 1;
    if (socketFailures < (socketWorked ? ms('socket-tries') : 1)) {
      connectIn(delay(socketFailures - 1));
    } else {
      if (!polling) { poll(); }
      connectIn(ms('socket-again-ms') * (0.75 + Math.random() / 2));
    }
  }
  function stopPolling() {
    var old = polling;
    polling = null;
    if (old) {
      window.clearTimeout(old.timer);
      old.request.abort();
    }
  }
  function poll() {
    var request = new window.XMLHttpRequest();
    var mine = { request: request, timer: null };
    var after = shown ? '&after=' + shown.seq + '&epoch=' + encodeURIComponent(shown.epoch) : '';
    polling = mine;
    set('transport', 'poll');
    request.open('GET', address + '?wait=' + ms('poll-s') + after, true);
    request.timeout = ms('poll-s') * 1000 + 4000;
    request.onreadystatechange = function () {
      if (request.readyState === 4 && polling === mine) {
        mine.timer = window.setTimeout(poll, polled(request) ? 300 : delay(pollFailures - 1));
      }
    };
    request.send();
  }
  function polled(request) { // whether the server answered as it should
    var status = request.status, date = Date.parse(request.getResponseHeader('Date'));
    if (status === 401 || status === 403 || status === 404) { finish(); }
    if (status !== 200 && status !== 204) {
      pollFailures += 1;
      return false;
    }
    if (pollFailures) { connectIn(delay(0)); } // it is back: so may the socket be
    pollFailures = 0;
    if (date) { tellTime(date + 500, true); } // whole seconds, so half of one is missing on average
    heard();
    if (status === 200) { take(JSON.parse(request.responseText)); }
    return true;
  }

  /* Upkeep of the set. */

  function watch() {
    showContact();
    if (socket && mono() - Math.max(heardAt, triedAt) > ms('stale-ms')) { lost({ code: 0 }); }
  }
  var places = [[0, 0], [6, 3], [3, 8], [-4, 5], [-8, 0], [-5, -6], [2, -8], [7, -4]];
  var place = 0;
  function shift() { // no pixel shows the same edge all day; not while somebody is being called
    if (sounding || document.querySelector('.fresh')) { return; }
    place = (place + 1) % places.length;
    byId('frame').style.transform = 'translate(' + places[place][0] + 'px,' + places[place][1] + 'px)';
  }
  function turnPage() {
    if (shown && shown.queues.length > 6) {
      page += 1;
      drawQueues();
    }
  }
  function stayAwake() {
    if (navigator.wakeLock && document.visibilityState === 'visible') {
      navigator.wakeLock.request('screen').then(null, function () { /* the set decides */ });
    }
  }

  function start() {
    var first = JSON.parse(byId('document').textContent);
    document.addEventListener('keydown', unmute);
    document.addEventListener('click', unmute);
    document.addEventListener('visibilitychange', stayAwake);
    window.addEventListener('online', connect);
    window.addEventListener('resize', function () { if (shown) { draw(); } });
    window.setInterval(tick, 1000);
    window.setInterval(watch, 250);
    window.setInterval(shift, ms('shift-ms'));
    window.setInterval(turnPage, ms('page-ms'));
    if (window.speechSynthesis) { window.speechSynthesis.getVoices(); } // some engines begin to look only when asked
    stayAwake();
    if (first) { take(first); }
    tick();
    connect();
  }
  start();
}());
