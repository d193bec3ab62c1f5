"""The files of docs/own-data.md: motions by DOP853 (SciPy), and noise from one seed.

python scripts/own-data.py FOLDER, with numpy and scipy installed.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp
FOLDER = Path(sys.argv[1])
FOLDER.mkdir(parents=True, exist_ok=True)
rng=np.random.default_rng(1)
def traj(f,s0,T,dt):
    t=np.arange(0,T+1e-9,dt); r=solve_ivp(f,(0,T),s0,t_eval=t,rtol=1e-11,atol=1e-12,method='DOP853'); return t,r.y
def write(name,rows,head):
    (FOLDER / name).write_text(head+"\n"+"\n".join(",".join(repr(float(v)) if not isinstance(v,str) else v for v in r) for r in rows)+"\n")
def pend(fric=0.,noise=0.,g=1.,unit=1.,T=30,n=300,name='p.csv',head='trial,t,theta'):
    rows=[]
    for k,(a,b) in enumerate([(0.5,0),(1.2,0.3),(2.0,0),(0.1,1.5),(-1.5,0.8)]):
        t,y=traj(lambda t,s:[s[1],-g*np.sin(s[0])-fric*s[1]],[a,b*np.sqrt(g)],T/np.sqrt(g),T/np.sqrt(g)/(n-1))
        q=y[0]+noise*rng.standard_normal(len(t))
        rows+= [(str(k),tt,qq*unit) for tt,qq in zip(t,q)]
    write(name,rows,head)
pend(name='pendulum.csv')
pend(name='pendulum_deg.csv',unit=180/np.pi,head='trial,t (s),theta (deg)')
pend(name='pendulum_si.csv',g=9.81/0.35,head='trial,t (s),theta (rad)')
pend(name='pendulum_noise.csv',noise=0.01)
pend(name='damped.csv',fric=0.3)
# cubic oscillator in micrometres and milliseconds
rows=[]
for k,a in enumerate([0.5,1.0,1.5]):
    t,y=traj(lambda t,s:[s[1],s[0]*-1-s[0]**3],[a,0],20,0.05)
    rows+=[(str(k),tt*1e-3,x*1e-6,v*1e-6/1e-3) for tt,x,v in zip(t,y[0],y[1])]
write('duffing.csv',rows,'trial,t,x,v')
# free fall
t=np.arange(0,2,0.01); write('fall.csv',[(a,100-4.905*a*a) for a in t],'t,height')
# driven
rows=[]
for k,(a,w) in enumerate([(0.3,1.3),(1.0,0.7),(0.7,2.1)]):
    tau=lambda t:0.8*np.sin(w*t)+0.3*np.cos(2.7*w*t)
    t,y=traj(lambda t,s:[s[1],-np.sin(s[0])-0.2*s[1]+0.5*tau(t)],[a,0],30,0.05)
    rows+=[(str(k),tt,x,tau(tt)) for tt,x in zip(t,y[0])]
write('driven.csv',rows,'trial,t,theta,torque')
def dp(s):
    a,b,u,v=s; c=np.cos(a-b); si=np.sin(a-b)
    M=np.array([[2,c],[c,1]]); f=np.array([-si*v*v-2*np.sin(a),si*u*u-np.sin(b)])
    return [u,v,*np.linalg.solve(M,f)]
for noise,name in [(0,'double.csv'),(0.01,'double_noise.csv')]:
    rows=[]
    for k,s in enumerate([(1,0.6,0,0),(0.5,-0.8,0.3,0),(1.5,1.2,0,0.2),(-0.6,0.9,0.5,-0.4),(0.2,1.4,-0.3,0.1)]):
        t,y=traj(lambda t,s:dp(s),s,10,0.01)
        q=y[:2]+noise*rng.standard_normal(y[:2].shape)
        rows+=[(str(k),tt,x,z) for tt,x,z in zip(t,q[0],q[1])]
    write(name,rows,'trial,t,theta1,theta2')
# kepler metres, seconds
GM=3.986e14; rows=[]
for k,(r,f) in enumerate([(7e6,1.0),(7e6,1.15),(9e6,1.05),(8e6,0.95)]):
    v=np.sqrt(GM/r)*f
    t,y=traj(lambda t,s:[s[2],s[3],-GM*s[0]/(s[0]**2+s[1]**2)**1.5,-GM*s[1]/(s[0]**2+s[1]**2)**1.5],[r,0,0,v],12000,20)
    rows+=[(str(k),tt,a,b) for tt,a,b in zip(t,y[0],y[1])]
write('orbit.csv',rows,'trial,t (s),x (m),y (m)')
