"""Checks an export: verify.py [FOLDER [PUBLIC_KEY.pem | NUMBER:SHA256 of a kept digest ...]]. Exit code 0: sound, 5: fault, 1: unknown."""
import glob, hashlib, json, os, re, shutil, subprocess, sys
if {'-h', '--help'} & {*sys.argv}: sys.exit(print(__doc__))
(folder, *given), sys.excepthook = sys.argv[1:] or [os.path.dirname(os.path.abspath(__file__))], lambda kind, error, _: sys.stderr.write(f'Cannot verify {folder}: {kind.__name__}: {error}\n')
openssl, sha, hexa, stop = shutil.which('openssl'), lambda data: hashlib.sha256(data).digest(), lambda data: sha(data).hex().encode(), lambda why: sys.exit(f'Cannot verify {folder}: {why}')
read, at = lambda path: open(path, 'rb').read() if os.path.isfile(path) else b'', lambda number: f'{folder}/digests/{number:08}.'
known = {each: re.fullmatch(rb'([1-9]\d{0,7}):([0-9a-f]{64})', os.fsencode(each.lower())) for each in given}
kept, many, run = {int(m[1]): m[2] for m in known.values() if m}, lambda count, noun: f'{count} {noun}{"s" * (count != 1)}', lambda *args: subprocess.run([openssl, *args], stdout=-1, stderr=-3)
is_key = lambda path: re.findall(b'-----BEGIN (.*?)-----', read(path)) == [b'PUBLIC KEY'] and (not openssl or b'prime256v1' in run('pkey', '-pubin', '-in', path, '-noout', '-text').stdout)
for each, m in known.items(): (kept[int(m[1])] == m[2] if m else is_key(each)) or sys.exit(f'Cannot use "{each}": it is no public key on P-256 in PEM, nor the NUMBER:SHA256 of one kept digest')
signed = lambda path, keys: not openssl or any(read(path + 'sig') and not run('dgst', '-sha256', '-verify', key, '-signature', path + 'sig', path + 'json').returncode for key in keys)
root = lambda leaves: sha(b'\1' + root(leaves[:(k := 1 << (len(leaves) - 1).bit_length() - 1)]) + root(leaves[k:])) if leaves[1:] else sha(b'\0' + leaves[0] if leaves else b'')  # RFC 6962
def digest_fault(number, path, old):  # A digest without a fault becomes `last`, and adds the heads of chains to `points`
    text, leaves, periods = read(path + 'json'), *(read(path + part).split(b'\n') for part in ('heads', 'periods'))
    if kept.get(number, hexa(text)) != hexa(text): return 'It is not the one that was kept'
    said = re.fullmatch(rb'{"format":"turingcore-digest/1","tenant":"([A-Z][A-Z0-9_]{1,31})","number":([1-9]\d{0,7}),"at":"(\d{4}-\d\d-\d\d'
                        rb'T\d\d:\d\d:\d\d\.\d{3}Z)","previous":(null|"[0-9a-f]{64}"),"heads":"([0-9a-f]{64})","events":"([0-9a-f]{64})"}', text)
    if not said or not signed(path, keys + beside * (number in bound)): return 'The signature was not made by this key' if said else 'The statement does not have the form of a digest'
    if (said[1].decode(), int(said[2])) != (tenant, number): return f'The statement is digest {int(said[2])} of {said[1].decode()}'
    if leaves.pop() + periods.pop() or [root(leaves), root(periods)] != [bytes.fromhex(told.decode()) for told in said.group(5, 6)]: return 'The leaves are not those of the statement'
    heads = {m[1]: (int(m[2]), m[3]) for m in map(re.compile(rb'(\S+) (0|[1-9]\d{0,14}) ([0-9a-f]{64})').fullmatch, leaves) if m}
    if [*heads] != [*old] or len(leaves) != len(manifest['chains']): return 'The heads are not those of the chains that are here'
    for name in (grown := [name for name in old if heads[name] != old[name]]):
        if heads[name][0] <= old[name][0]: return f'Chain {claims[name]["chain"]} went from seq {old[name][0]} to {heads[name][0]}'
    if number != last['number'] + 1: periods = [b''] * len(grown)  # The digest before is missing, or has a fault
    elif said[4] != (b'"%s"' % hexa(last['text']) if number > 1 else b'null'): return 'It does not name the digest before it'
    elif [b'%s %d %d ' % (n, old[n][0] + 1, heads[n][0]) for n in grown] != [p[:-64] for p in periods]: return 'The periods are not what lies between the heads'
    for name, period in zip(grown, periods): points[name].append((*heads[name], number, period[-64:]))
    last.update(number=number, text=text, heads=heads, told=[f'last digest: {number}:{hexa(text).decode()} of {said[3].decode()}'])
def read_chain(name, claim):  # -> number of its lines, and its first fault. Where it ends is known if the last digest has no fault
    seq, now, hashes, todo, path = 0, hexa(name), [], points[name][::-1], f'{folder}/chains/{claim["chain"]}.ndjson'
    for seq, line in enumerate(open(path, 'rb') if os.path.isfile(path) else (), 1):
        if line[-1:] != b'\n': return seq - 1, f'seq {seq}: The last line is cut off: no newline ends it'
        if not todo: return seq - 1, f'seq {seq}: The chain goes on after its head at seq {seq - 1}' * (last['number'] == count)
        if not line.startswith(b'{"seq":%d,' % seq): return seq - 1, f'seq {seq}: Line {seq} does not begin with its number'
        hashes.append(now := hexa(now + line[:-1]))
        for _, due, number, top in [todo.pop()] if seq == todo[-1][0] else []:
            wrong, period, hashes = 'hash' if now != due else 'root' if top and root(hashes).hex().encode() != top else '', len(hashes), []
            if wrong: return seq, f'{f"between seq {seq - period + 1} and" if period > 1 else "seq"} {seq}: The lines do not give the {wrong} in digest {number}'
    if todo: return seq, f'{f"between seq {seq - len(hashes) + 1} and" if hashes else "seq"} {seq + 1}: The chain is cut off: it ends at seq {seq}, digest {todo[0][2]} stands at seq {todo[0][0]}'
    return seq, '' if [seq, now.decode()] == [claim['events'], claim['head']] or last['number'] < count else f'seq {seq + 1}: The lines do not end in the head of the manifest'
try: tenant = re.fullmatch(r'{"format": "turingcore-export/1", "tenant": "([A-Z][A-Z0-9_]{1,31})", "exportedAt": "[\d:.TZ-]{24}", "chains": \[((, )?{"chain": "(\d\d|catalog)", '
                           r'"events": \d{1,15}(\.0)?, "head": "(\\.|[^"\\])*"})*\], "digests": \d{1,15}(\.0)?}', json.dumps(manifest := json.loads((said := read(folder + '/manifest.json')).decode())))[1]
except Exception: stop('its manifest.json is none of an export' if os.path.isfile(folder + '/manifest.json') else 'it has no manifest.json')
claims, beside = {f'{tenant}#chain#{each["chain"]}'.encode(): each for each in manifest['chains']}, [*filter(is_key, glob.glob(glob.escape(folder) + '/public-key*.pem'))]
last, points, own = {'number': 0, 'told': [], 'heads': {name: (0, hexa(name)) for name in claims}}, {name: [] for name in claims}, [each for each in known if not known[each]]
keys = own or ([here] if is_key(here := folder + '/public-key.pem') else stop(f'there is no public key: none was given, and {"its public-key.pem is none" if os.path.isfile(here) else "it has no public-key.pem"}'))
faults, bound, numbers = [], set(), sorted(int(name[-13:-5]) for name in glob.glob(glob.escape(folder) + '/digests/' + '[0-9]' * 8 + '.json'))  # `bound`: the next one names it
for number in numbers[:0:-1]: bound.update([number - 1] * (b',"previous":"%s",' % hexa(read(at(number - 1) + 'json')) in read(at(number) + 'json') and (number in bound or signed(at(number), keys))))
for before, number in zip([0, *numbers], [*numbers, (count := max([1, int(manifest['digests']), *kept, *numbers])) + 1]):
    if number > before + 1: faults.append((before + 1, before + 1, 'It is missing' + f', with all up to digest {number - 1}' * (number > before + 2)))
    if number in numbers and (why := digest_fault(number, at(number), last['heads'])):  # The same of several is told once
        faults.append((faults.pop()[0] if faults and faults[-1][1:] == (number - 1, why) else number, number, why))
faults, chains = [f'digest{"" if a == b else f"s {a} to"} {b}: {why}' for a, b, why in faults], [read_chain(name, claims[name]) for name in claims]
same, faults = [each for each in numbers if kept.get(each) == hexa(read(at(each) + 'json'))], faults + [f'chain {claim["chain"]} {fault}' for claim, (_, fault) in zip(claims.values(), chains) if fault]
faults += ['manifest: It is not written as what was verified'] * (not faults and said != json.dumps({**manifest, 'digests': len(numbers)}, indent=2).replace('.0,', ',').encode() + b'\n')
print(f'{tenant}: {many(len(manifest["chains"]), "chain")}, {many(sum(seq for seq, _ in chains), "event")} checked, {many(len(numbers), "digest")}',
      *last['told'], *[f'digest {each} is the one that was kept' for each in same], *[f'FAULT {tenant} {fault}' for fault in faults] or ['no fault was found'],
      f'signatures checked by {"what was given" if own else "THE KEY THAT CAME ALONG: compare it"}' if openssl else 'SIGNATURES NOT CHECKED: there is no openssl', sep='\n')
sys.exit(5 if faults else 0 if openssl else 1)
