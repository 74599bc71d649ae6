// Comfort for the pages of universal login; every page works without it.
(() => {
  'use strict';

  const main = document.querySelector('main');
  const password = document.getElementById('password');
  document.getElementById('problem')?.focus(); // browsers that ignore autofocus on a paragraph

  // Password reveal: the button exists only where it can work.
  const reveal = document.querySelector('.reveal');
  const show = (visible) => {
    password.type = visible ? 'text' : 'password';
    reveal.setAttribute('aria-pressed', String(visible));
  };
  if (reveal && password) {
    reveal.hidden = false;
    reveal.addEventListener('click', () => show(password.type === 'password'));
  }

  // One submit at a time. The buttons are disabled after the form was read, or the pressed one would not be sent.
  const buttons = document.querySelectorAll('button[type="submit"]');
  const rest = () => buttons.forEach((b) => {
    b.disabled = false;
    b.removeAttribute('aria-busy');
  });
  document.addEventListener('submit', (event) => {
    if (reveal) show(false); // so that no browser remembers the field as plain text
    const pressed = event.submitter;
    setTimeout(() => {
      buttons.forEach((b) => { b.disabled = true; });
      pressed?.setAttribute('aria-busy', 'true');
    });
    setTimeout(rest, 15000); // the answer was lost, or the person pressed stop
    if (main.dataset.handover) watch(main.dataset.handover, pressed?.value);
  });
  addEventListener('pageshow', (event) => { if (event.persisted) rest(); });

  // A redirect to an app's own scheme leaves this page standing. The server says with a cookie that it has answered so.
  function watch(transaction, action) {
    const until = Date.now() + 60000;
    const look = () => {
      if (document.cookie.split('; ').includes('handed_over=' + transaction)) {
        document.cookie = 'handed_over=; Max-Age=0; Path=/';
        handOver(action);
      } else if (Date.now() < until) {
        setTimeout(look, 300);
      }
    };
    look();
  }

  function handOver(action) {
    const done = document.getElementById('handover');
    const title = document.getElementById('handover-title');
    for (const part of main.children) part.hidden = part !== done;
    const denied = action === 'deny';
    title.textContent = denied ? title.dataset.deny : title.dataset.accept;
    done.querySelector('.brand').hidden = denied;
    document.title = title.textContent;
    done.hidden = false;
    title.focus();
  }

  // The password policy, while typing: a rule is ticked as soon as it is met; only the server says that one failed.
  const kinds = { lowerCase: /\p{Ll}/u, upperCase: /\p{Lu}/u, numbers: /\p{N}/u, specialCharacters: /[^\p{L}\p{N}\s]/u };
  const items = (rule) => [...rule.querySelectorAll('li')];
  const meets = (rule, value) => {
    const n = Number(rule.dataset.n);
    const length = [...value].length;
    switch (rule.dataset.rule) {
      case 'lengthAtLeast': return length >= n;
      case 'lengthAtMost': return length > 0 && length <= n;
      case 'containsAtLeast': return items(rule).filter((item) => meets(item, value)).length >= n;
      case 'shouldContain': return items(rule).every((item) => meets(item, value));
      case 'identicalChars': return length > 0 && !new RegExp(`(.)\\1{${n}}`, 'su').test(value);
      default: return kinds[rule.dataset.rule]?.test(value) ?? false;
    }
  };
  const rules = document.querySelectorAll('#rules li');
  if (rules.length) {
    password.addEventListener('input', () => rules.forEach((rule) => {
      const met = meets(rule, password.value);
      const word = rule.querySelector('.unseen');
      rule.className = met ? 'met' : '';
      word.textContent = met ? ' ' + word.dataset.met : '';
    }));
  }
})();
