import { useEffect, useRef, useState } from 'react';
import { onAnswer } from './channel';
import {
  type Asked,
  type Attempt,
  accessTokenStep,
  addressOf,
  authorizeStep,
  callbackStep,
  exchange,
  idTokenStep,
  newAttempt,
  type Proof,
  refresh,
  type Step,
  type Tokens,
  userinfoStep,
} from './flow';

interface Going {
  asked: Asked;
  proof: Proof;
  attempt: Attempt;
}

/** One flow, from the new tab to the last refresh. */
export function useTry() {
  // Made ahead: a browser lets a page open a tab only in the moment of a click, and hashing takes longer.
  const [attempt, setAttempt] = useState<Attempt>();
  const [waiting, setWaiting] = useState<Going>();
  const [ended, setEnded] = useState<{ going: Going; refreshToken: string | undefined; redeemed: boolean }>();
  const [steps, setSteps] = useState<Step[]>([]);
  const [busy, setBusy] = useState(false);
  const [blocked, setBlocked] = useState(false);
  const current = useRef<Attempt>(undefined);

  useEffect(() => {
    let left = false;
    if (!attempt) void newAttempt().then((made) => left || setAttempt(made));
    return () => {
      left = true;
    };
  }, [attempt]);

  /** Shows a step, unless another flow has begun since. */
  function add(of: Attempt, ...more: Step[]) {
    if (current.current === of) setSteps((before) => [...before, ...more]);
  }

  async function show(going: Going, tokens: Tokens, nonce?: string) {
    const { asked, attempt: of } = going;
    if (tokens.id_token) add(of, await idTokenStep(asked, tokens.id_token, nonce));
    if (!tokens.access_token) return;
    add(of, accessTokenStep(tokens.access_token));
    if (asked.scope.split(' ').includes('openid')) add(of, await userinfoStep(asked, tokens.access_token));
  }

  async function finish(going: Going, search: string) {
    setBusy(true);
    try {
      const back = callbackStep(search, going.attempt);
      add(going.attempt, back);
      let refreshToken: string | undefined;
      let redeemed = false;
      if (back.code) {
        const { step, tokens } = await exchange(going.asked, going.proof, going.attempt, back.code);
        add(going.attempt, step);
        redeemed = !step.failed;
        refreshToken = tokens.refresh_token;
        await show(going, tokens, going.attempt.nonce);
      }
      if (current.current === going.attempt) setEnded({ going, refreshToken, redeemed });
    } finally {
      setBusy(false);
    }
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: it listens for the answer to one flow
  useEffect(() => {
    if (!waiting) return undefined;
    return onAnswer((search) => {
      if (new URLSearchParams(search).get('state') !== waiting.attempt.state) return false;
      setWaiting(undefined);
      void finish(waiting, search);
      return true;
    });
  }, [waiting]);

  function begin(asked: Asked, proof: Proof) {
    if (!attempt) return;
    const step = authorizeStep(asked, attempt);
    const tab = window.open('about:blank', '_blank');
    setBlocked(!tab);
    if (!tab) return;
    tab.opener = null; // a login page has no business with this one
    tab.location.href = addressOf(step.request);
    current.current = attempt;
    setSteps([step]);
    setEnded(undefined);
    setWaiting({ asked, proof, attempt });
    setAttempt(undefined);
  }

  async function renew() {
    if (!ended?.refreshToken) return;
    const { going } = ended;
    setBusy(true);
    try {
      const { step, tokens } = await refresh(going.asked, going.proof, ended.refreshToken);
      add(going.attempt, step);
      await show(going, tokens);
      // A token that does not rotate is not sent again; one that was refused is of no further use.
      if (step.answer?.status !== undefined) {
        setEnded({ ...ended, refreshToken: step.failed ? undefined : (tokens.refresh_token ?? ended.refreshToken) });
      }
    } finally {
      setBusy(false);
    }
  }

  return {
    ready: attempt !== undefined,
    steps,
    busy,
    blocked,
    waiting: waiting !== undefined,
    ended: ended !== undefined,
    begin,
    refresh: ended?.refreshToken ? () => void renew() : undefined,
    /** What was asked for when no refresh token came. */
    noRefresh:
      ended?.redeemed && !ended.refreshToken && !steps.some((s) => s.name === 'refresh')
        ? ended.going.asked
        : undefined,
  };
}
