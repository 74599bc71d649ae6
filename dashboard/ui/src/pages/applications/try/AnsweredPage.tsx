import { Center, Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useText } from '#/i18n/text';
import { EmptyState } from '#/kit/states';
import { handOver } from './channel';
import { tryText } from './text';

let handed: Promise<boolean> | undefined;

/** Where the sign-in of a try ends, in its tab. The code is of use to the page that has the verifier only. */
export function AnsweredPage() {
  const t = useText(tryText).answered;
  const [taken, setTaken] = useState<boolean>();
  useEffect(() => {
    handed ??= handOver(window.location.search);
    window.history.replaceState(null, '', window.location.pathname);
    void handed.then((yes) => {
      setTaken(yes);
      if (yes) window.close();
    });
  }, []);
  if (taken === undefined) {
    return (
      <Center mih="50vh">
        <Loader type="dots" />
      </Center>
    );
  }
  return (
    <main>
      {taken ? (
        <EmptyState whole title={t.title} text={t.text} />
      ) : (
        <EmptyState whole title={t.lateTitle} text={t.lateText} />
      )}
    </main>
  );
}
