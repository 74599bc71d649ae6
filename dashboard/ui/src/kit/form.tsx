import { Alert, Box, Button, Group, Text } from '@mantine/core';
import { type UseFormInput, type UseFormReturnType, useForm } from '@mantine/form';
import { useHotkeys } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ApiError, formPaths } from '#/api/errors';
import type { Entity } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { ConflictDialog } from './conflict';
import { useFailureText } from './failure';
import { UnsavedGuard } from './guard';
import css from './kit.module.css';
import { type Change, changed, changes, merge, type Values } from './merge';
import { useDenied } from './permission';
import { ReadOnlyNotice } from './states';
import { kitText } from './text';
import { useToast } from './toast';

type Form<V extends Values> = UseFormReturnType<V>;

/** The form's own name of a property of the API, where the two differ. */
export type FieldNames = Record<string, string>;

const holds = (values: unknown, path: string) =>
  path
    .split('.')
    .reduce<unknown>((v, key) => (v === null || typeof v !== 'object' ? undefined : (v as Values)[key]), values) !==
  undefined;

/** The field that an error of the API belongs to and its text there; undefined where no field of the form has that name. */
export function placeError(
  error: ApiError,
  values: Values,
  names: FieldNames = {},
): [path: string, text: string] | undefined {
  if (!error.property) return undefined;
  const index = /\[(\d+)\]$/.exec(error.property)?.[1];
  for (const path of formPaths(error.property)) {
    const name = names[path] ?? path;
    const exact = path === formPaths(error.property)[0];
    if (!holds(values, name) || (exact && index !== undefined && !(path in names))) continue;
    return [name, index === undefined ? error.message : `${Number(index) + 1}: ${error.message}`];
  }
  return undefined;
}

function useFormCore<V extends Values>(p: {
  initial: V;
  validate?: UseFormInput<V>['validate'];
  names?: FieldNames;
  needs?: 'edit' | 'admin';
}) {
  const failure = useFailureText();
  const form = useForm<V>({ initialValues: p.initial, ...(p.validate ? { validate: p.validate } : {}) });
  const element = useRef<HTMLFormElement>(null);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const forgotten = useRef(false);

  const focusInvalid = () =>
    requestAnimationFrame(() => element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());

  /** Runs what the form is for; what the server refuses is shown at its field, or above the buttons. */
  async function run(work: (values: V) => Promise<void>) {
    if (busy) return;
    setProblem(undefined);
    if (form.validate().hasErrors) {
      focusInvalid();
      return;
    }
    setBusy(true);
    try {
      await work(form.getValues());
    } catch (error) {
      const place = error instanceof ApiError ? placeError(error, form.getValues(), p.names) : undefined;
      if (place) {
        form.setFieldError(place[0], place[1]);
        focusInvalid();
      } else {
        setProblem(failure(error));
      }
    } finally {
      setBusy(false);
    }
  }

  return {
    form,
    element,
    problem,
    setProblem,
    busy,
    run,
    needs: p.needs,
    dirty: () => !forgotten.current && form.isDirty(),
    /** Lets the page be left without a question: what was typed has been used, or its entity is gone. */
    forget: () => {
      forgotten.current = true;
    },
  };
}

export interface EntityFormOptions<E, V extends Values, B extends object> {
  /** The query of the entity; it has its data already (see Loaded). */
  query: UseQueryResult<Entity<E>>;
  toValues: (entity: E) => V;
  /** The whole body that the values stand for; only the properties that differ from the loaded ones are sent. */
  toBody: (values: V) => B;
  /**
   * Sends the changes. all is the whole body, for what the API takes together only; now is the version that the changes go on
   * top of, for what it replaces as a whole.
   */
  save: (changes: Partial<B>, ifMatch: string | undefined, all: B, now: E) => Promise<unknown>;
  /** How the page calls a field, by its path in the values; shown when two people changed the same entity. */
  labels: Record<string, string>;
  names?: FieldNames;
  validate?: UseFormInput<V>['validate'];
  needs?: 'edit' | 'admin';
}

/** A form over one entity of the API: loads, tracks changes, saves only those, and never overwrites somebody else's unseen. */
export function useEntityForm<E, V extends Values, B extends object>(o: EntityFormOptions<E, V, B>) {
  const t = useText(kitText);
  const toast = useToast();
  const entity = o.query.data;
  if (!entity) throw new Error('useEntityForm before its entity is loaded');
  const [base, setBase] = useState(entity);
  const core = useFormCore<V>({
    initial: o.toValues(entity.value),
    ...(o.validate ? { validate: o.validate } : {}),
    ...(o.names ? { names: o.names } : {}),
    ...(o.needs ? { needs: o.needs } : {}),
  });
  const [theirs, setTheirs] = useState<Entity<E>>();
  const { form } = core;

  /** Moves the form onto a newer version: edits made since `from` are kept, the rest follows the server. */
  function rebase(next: Entity<E>, from: V, prefer: 'mine' | 'theirs' = 'mine') {
    const values = o.toValues(next.value);
    const merged = merge(from, values, form.getValues(), prefer);
    form.setInitialValues(values);
    form.setValues(merged);
    setBase(next);
  }

  // Whoever has not changed anything sees what the server has now; whoever has is told when saving.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a newly read entity moves the form
  useEffect(() => {
    if (entity !== base && !form.isDirty() && !core.busy) rebase(entity, form.getInitialValues());
  }, [entity, core.busy]);

  async function reload(): Promise<Entity<E>> {
    const { data, error } = await o.query.refetch();
    if (!data || error) throw error ?? new ApiError(0, 'network', '');
    return data;
  }

  async function store(values: V, before: V, on: Entity<E>) {
    const all = o.toBody(values);
    const body = changed(o.toBody(before), all);
    try {
      if (Object.keys(body).length > 0) await o.save(body, on.etag, all, on.value);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 412)) throw error;
      const now = await reload();
      if (changes(before, o.toValues(now.value), values).length > 0) {
        setTheirs(now);
        return;
      }
      // What changed is not on this page: nobody has to decide anything.
      setBase(now);
      await o.save(body, now.etag, all, now.value);
    }
    rebase(await reload(), values);
    toast.done(t.saved);
  }

  const save = () => core.run((values) => store(values, form.getInitialValues(), base));

  function settle(prefer: 'mine' | 'theirs') {
    if (!theirs) return;
    const fresh = o.toValues(theirs.value);
    const merged = merge(form.getInitialValues(), fresh, form.getValues(), prefer);
    rebase(theirs, form.getInitialValues(), prefer);
    setTheirs(undefined);
    if (prefer === 'mine') void core.run(() => store(merged, fresh, theirs));
  }

  const found: Change[] | undefined =
    theirs && changes(form.getInitialValues(), o.toValues(theirs.value), form.getValues());
  return {
    ...core,
    save,
    reset: form.reset,
    conflict: { found, settle, close: () => setTheirs(undefined), labels: o.labels },
  };
}

type EntityFormState<V extends Values> = ReturnType<typeof useEntityForm<unknown, V, object>>;

/** The frame of an entity's fields: read-only for who may not change them, with a bar to save that stays in sight. */
export function EntityForm<V extends Values>({
  state,
  children,
  ...p
}: {
  state: EntityFormState<V>;
  children: ReactNode;
  /** Why nobody may change this very entity. */
  denied?: string | undefined;
}) {
  const t = useText(kitText);
  const role = useDenied(state.needs);
  const denied = p.denied ?? role;
  const dirty = state.dirty();
  useHotkeys([['mod+S', () => dirty && void state.save()]], []);
  return (
    <Box
      component="form"
      ref={state.element}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void state.save();
      }}
    >
      <ReadOnlyNotice needs={state.needs} />
      <fieldset disabled={denied !== undefined} className={css.fieldset} title={denied}>
        {children}
      </fieldset>
      <div className={css.saveBar}>
        {(dirty || state.busy || state.problem) && (
          <section className={css.saveBarInner} aria-label={t.unsaved}>
            <Problem text={state.problem} />
            <Text size="sm" fw={500} flex="1 1 8rem">
              {t.unsaved}
            </Text>
            <Group gap="sm" wrap="nowrap">
              <Button
                variant="default"
                disabled={state.busy}
                onClick={() => {
                  state.setProblem(undefined);
                  state.reset();
                }}
              >
                {t.discard}
              </Button>
              <Button type="submit" loading={state.busy}>
                {t.save}
              </Button>
            </Group>
          </section>
        )}
      </div>
      <UnsavedGuard dirty={state.dirty} />
      <ConflictDialog
        found={state.conflict.found}
        labels={state.conflict.labels}
        onClose={state.conflict.close}
        onMine={() => state.conflict.settle('mine')}
        onTheirs={() => state.conflict.settle('theirs')}
      />
    </Box>
  );
}

function Problem({ text }: { text: string | undefined }) {
  if (!text) return null;
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} role="alert" w="100%">
      {text}
    </Alert>
  );
}

export interface CreateFormOptions<V extends Values, R> {
  initial: V;
  create: (values: V) => Promise<R>;
  /** Goes where the new entity is shown. */
  created: (result: R) => void;
  names?: FieldNames;
  validate?: UseFormInput<V>['validate'];
  needs?: 'edit' | 'admin';
}

/** A form that makes something new. */
export function useCreateForm<V extends Values, R>(o: CreateFormOptions<V, R>) {
  const core = useFormCore<V>(o);
  const submit = () =>
    core.run(async (values) => {
      const result = await o.create(values);
      core.forget();
      o.created(result);
    });
  return { ...core, submit };
}

export function CreateForm<V extends Values>(p: {
  state: ReturnType<typeof useCreateForm<V, unknown>>;
  action: string;
  cancel: ReactNode;
  children: ReactNode;
}) {
  const denied = useDenied(p.state.needs);
  return (
    <form
      ref={p.state.element}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void p.state.submit();
      }}
    >
      <ReadOnlyNotice needs={p.state.needs} />
      <fieldset disabled={denied !== undefined} className={css.fieldset} title={denied}>
        {p.children}
        <Problem text={p.state.problem} />
        <Group justify="flex-end" mt="lg">
          {p.cancel}
          <Button type="submit" loading={p.state.busy}>
            {p.action}
          </Button>
        </Group>
      </fieldset>
      <UnsavedGuard dirty={p.state.dirty} />
    </form>
  );
}

export type { Form };
