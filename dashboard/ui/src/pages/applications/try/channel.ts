/** The tab of the sign-in hands what came back to the page that began it; the page says that it has it. */
const name = 'proofkey.try';

interface Answered {
  search: string;
}
interface Taken {
  taken: string;
}

/** Calls take with each answer until it is stopped; take tells whether the answer was this page's. */
export function onAnswer(take: (search: string) => boolean): () => void {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: MessageEvent<Answered | Taken>) => {
    if ('search' in data && take(data.search)) channel.postMessage({ taken: data.search } satisfies Taken);
  };
  return () => channel.close();
}

/** Hands an answer over; tells whether a page took it. */
export function handOver(search: string, patience = 2_000): Promise<boolean> {
  const channel = new BroadcastChannel(name);
  return new Promise((resolve) => {
    const end = (taken: boolean) => {
      clearTimeout(timer);
      channel.close();
      resolve(taken);
    };
    const timer = setTimeout(() => end(false), patience);
    channel.onmessage = ({ data }: MessageEvent<Answered | Taken>) => {
      if ('taken' in data && data.taken === search) end(true);
    };
    channel.postMessage({ search } satisfies Answered);
  });
}
