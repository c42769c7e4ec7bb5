import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Account, Artifact, Format, Job } from '../dialect.ts';
import { readResultName, uploadTicket } from './addresses.ts';
import { MESSAGES } from './codes.ts';
import { faultOf } from './faults.ts';
import { accountBody, answer, jobEntry } from './response.ts';

const URL = 'https://a.example/b.jpg';
const artifact = (format: Format, bytes: number, width = 40) =>
  ({ format, bytes, width, height: 30 }) as Artifact;

function job(options: Job['options'], artifacts: Artifact[], changed: Partial<Job> = {}): Job {
  const source = { bytes: 1000, format: 'jpeg', width: 40, height: 30 } as Job['source'];
  const times = { createdAt: new Date(0), finishedAt: new Date(Date.UTC(2030, 0, 2, 3, 4, 5)) };
  return {
    ...times,
    status: 'done',
    reason: null,
    detail: null,
    source,
    options,
    artifacts,
    ...changed,
  } as Job;
}
const entry = (it: Job) => jobEntry(it, { url: URL }, false, ({ format }) => `/f/${format}`);

const LOSSY: Job['options'] = { targets: ['same', 'webp', 'avif'], fidelity: 'lossy' };

describe('an entry', () => {
  it('has a lossy result in the lossy fields and the original in the others', () => {
    const told = entry(job(LOSSY, [artifact('jpeg', 400), artifact('webp', 300)]));
    assert.deepEqual(
      [told.LossyURL, told.LossySize, told.LosslessURL, told.LosslessSize],
      ['/f/jpeg', 400, URL, 1000],
    );
    assert.deepEqual([told.WebPLossyURL, told.WebPLossySize, told.WebPLosslessURL], ['/f/webp', 300, 'NA']);
    assert.deepEqual([told.AVIFLossyURL, told.AVIFLossySize, told.AVIFLoselessSize], ['NA', 'NA', 'NA']);
    assert.deepEqual([told.PercentImprovement, told.TimeStamp], ['60.00', '2030-01-02 03:04:05']);
  });

  it('has a lossless result in all of them, and one that is as good as lossless', () => {
    for (const options of [{ fidelity: 'lossless' }, { fidelity: 'glossy', floor: 95 }] as const) {
      const told = entry(
        job({ targets: ['same', 'webp'], ...options }, [artifact('jpeg', 900), artifact('webp', 800)]),
      );
      for (const field of ['LossyURL', 'LosslessURL']) assert.equal(told[field], '/f/jpeg');
      for (const field of ['WebPLossySize', 'WebPLosslessSize', 'WebPLoselessSize'])
        assert.equal(told[field], 800);
    }
  });

  it('has the original where nothing was gained, and no companion that is larger or of its own format', () => {
    const untold = [
      job(LOSSY, [], { status: 'declined', reason: 'no-gain' }),
      job(LOSSY, [artifact('webp', 1000)]),
      job({ ...LOSSY, resize: { width: 9, fit: 'inside' } }, [artifact('jpeg', 1200)]),
      job({ ...LOSSY, targets: ['avif'] }, [artifact('avif', 1001)]),
    ];
    for (const it of untold) {
      const told = entry(it);
      assert.deepEqual([told.LossyURL, told.LossySize, told.PercentImprovement], [URL, 1000, 0]);
      assert.deepEqual([told.WebPLossyURL, told.AVIFLossyURL], ['NA', 'NA']);
    }
    const webp = job(LOSSY, [artifact('webp', 500)], {
      source: { bytes: 1000, format: 'webp' } as Job['source'],
    });
    assert.deepEqual([entry(webp).LossyURL, entry(webp).WebPLossyURL], ['/f/webp', 'NA']);
  });

  it('has another format or size that was asked for, also when it is larger', () => {
    const converted = entry(job({ targets: ['png'], fidelity: 'lossy' }, [artifact('png', 1500)]));
    assert.deepEqual([converted.LossyURL, converted.PercentImprovement], ['/f/png', '-50.00']);
    assert.equal(entry(job(LOSSY, [artifact('jpeg', 1500, 80)])).LossySize, 1500);
    const tiff = { bytes: 1000, format: 'tiff', width: 40, height: 30 } as Job['source'];
    const written = job(
      { ...LOSSY, formats: ['jpeg', 'png'] },
      [artifact('webp', 99), artifact('png', 200)],
      { source: tiff },
    );
    assert.deepEqual([entry(written).LossyURL, entry(written).WebPLossyURL], ['/f/png', '/f/webp']);
  });

  it('of a job in hand says so, with what the client calls it', () => {
    for (const status of ['queued', 'running'] as const)
      assert.deepEqual(
        jobEntry(
          job(LOSSY, [], { status }),
          { url: URL, upload: { name: 'file1', path: null } },
          true,
          String,
        ),
        {
          Status: { Code: '1', Message: MESSAGES[1] },
          OriginalURL: URL,
          Key: 'file1',
          localPath: null,
        },
      );
  });
});

describe('a fault', () => {
  it('has the code of its reason', () => {
    const failed = (reason: string) => faultOf(job(LOSSY, [], { status: 'failed', reason }));
    const cases: [string, number][] = [
      ['fetch-blocked', -106],
      ['fetch-denied', -106],
      ['fetch-host-failing', -113],
      ['fetch-failed', -203],
      ['fetch-not-found', -203],
      ['fetch-timeout', -203],
      ['fetch-unreachable', -203],
      ['fetch-too-large', -111],
      ['crashed', -204],
      ['timeout', -204],
      ['out-of-memory', -204],
      ['interrupted', -204],
      ['source-missing', -302],
      ['storage', -303],
      ['internal', -305],
      ['what is not known yet', -305],
    ];
    for (const [reason, code] of cases) assert.equal(failed(reason), code, reason);
  });

  it('is what is wrong with a file, not that it is best left as it is', () => {
    const declined = (reason: string, format: string | null = 'jpeg', detail = '') =>
      faultOf(job(LOSSY, [], { status: 'declined', reason, detail, source: { format } as Job['source'] }));
    assert.deepEqual(
      [declined('corrupt'), declined('too-large'), declined('unsupported', null)],
      [-202, -205, -201],
    );
    assert.equal(declined('unsupported', null, 'The PDF is encrypted, and is left as it is.'), -206);
    for (const reason of [
      'no-gain',
      'below-floor',
      'already-optimal',
      'would-lose-hdr',
      'would-lose-animation',
      'unsupported',
    ])
      assert.equal(declined(reason), null, reason);
    assert.equal(faultOf(job(LOSSY, [])), null);
  });
});

describe('an answer', () => {
  it('is a list, or an object with what is to be returned', () => {
    const told = entry(job(LOSSY, []));
    for (const nothing of [undefined, null, ''])
      assert.deepEqual(answer([told], { returndatalist: nothing }).json, [told]);
    for (const returndatalist of [{ sizes: { a: '01' } }, [], [7]])
      assert.deepEqual(answer([told], { returndatalist }).json, { '0': told, returndatalist });
  });
});

describe('an address', () => {
  it('of a result has its ticket and format, that of an upload its ticket', () => {
    const ticket = `${'a-lossy_'.repeat(6)}abcd`;
    assert.deepEqual(readResultName(`${ticket}-lossy.jpg`), { ticket, format: 'jpeg' });
    assert.deepEqual(readResultName(`${ticket}.webp`), { ticket, format: 'webp' });
    for (const name of ['', 'a', '.jpg', 'a.exe', 'a.JPG']) assert.equal(readResultName(name), null, name);
    assert.equal(uploadTicket(`https://a.example:8443/u/${ticket}/0123abcd.jpg`), ticket);
    for (const url of [
      `https://a/u/${ticket}`,
      `https://a/u/short/a.jpg`,
      `https://a/x/${ticket}/a`,
      `/u/${ticket}/a`,
    ])
      assert.equal(uploadTicket(url), null, url);
  });
});

describe('the account', () => {
  const NOW = new Date('2030-03-15T10:00:00Z');
  const body = (creditsLeft: number | null, creditsUsed: number, plan: Partial<Account['plan']>) =>
    accountBody(
      {
        creditsLeft,
        creditsUsed,
        plan: { kind: 'prepaid', allowance: 0, daysToRenewal: 0, ...plan },
      } as Account,
      'Accessible',
      NOW,
    );
  const left = (told: ReturnType<typeof body>) =>
    told.APICallsQuota - told.APICallsMade + told.APICallsQuotaOneTime - told.APICallsMadeOneTime;

  it('adds up to what is left, whatever the plan', () => {
    assert.equal(left(body(7, 3, {})), 7);
    assert.equal(left(body(0, 3, {})), 0);
    const monthly = body(70, 500, { kind: 'monthly', allowance: 100, daysToRenewal: 10 });
    assert.deepEqual([left(monthly), monthly.APICallsQuota, monthly.APICallsMade], [70, 100, 30]);
    assert.equal(monthly.DateSubscription, '2030-02-25 00:00:00');
    assert.equal(left(body(5, 0, { kind: 'metered' })), 5);
  });

  it('says where there is no limit', () => {
    const told = body(null, 12, { kind: 'metered' });
    assert.deepEqual([told.Unlimited, left(told)], ['true', 1_000_000]);
    assert.equal(body(1, 0, {}).Unlimited, false);
  });
});
